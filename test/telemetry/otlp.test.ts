import { expect, it } from 'vitest';
import { otlpDocument } from '../../src/telemetry/tracing/otlp.ts';
import type { Span } from '../../src/telemetry/tracing/span-store.ts';

const SPAN: Span = {
  traceId: 'abc',
  spanId: '0000000000000001',
  parentSpanId: undefined,
  name: 'reviews:9080/reviews/0',
  kind: 'client',
  service: 'productpage.default',
  pod: 'productpage-1.default',
  startUs: 1_500_000,
  endUs: 1_750_250,
  status: 503,
  flags: 'NC',
  requestId: 7,
};

it('groups spans by service and dates them in Unix nanoseconds', () => {
  const document = otlpDocument([SPAN, { ...SPAN, service: 'reviews.default', kind: 'server' }]);
  expect(document).toMatchObject({
    resourceSpans: [
      {
        resource: {
          attributes: [{ key: 'service.name', value: { stringValue: 'productpage.default' } }],
        },
        scopeSpans: [
          {
            spans: [
              {
                traceId: 'abc'.padStart(32, '0'),
                kind: 3,
                // 2026-01-01T00:00:01.5Z and a quarter of a second and 250 µs later
                startTimeUnixNano: '1767225601500000000',
                endTimeUnixNano: '1767225601750250000',
                status: { code: 2 },
              },
            ],
          },
        ],
      },
      { scopeSpans: [{ spans: [{ kind: 2 }] }] },
    ],
  });
});
