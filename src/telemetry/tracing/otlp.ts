/**
 * Models what a tracing backend would have been sent: spans as OTLP JSON.
 *
 * Spec: https://opentelemetry.io/docs/specs/otlp/ (JSON encoding of ExportTraceServiceRequest).
 */
import { EPOCH_MS, type Micros } from '../../sim/time.ts';
import type { Span } from './span-store.ts';

/** ids in OTLP are 16 and 8 bytes, hexadecimal. */
const TRACE_ID_DIGITS = 32;
const KIND = { server: 2, client: 3 } as const;
const STATUS_ERROR = 2;

/** One document for all spans, grouped by the service whose proxy made them. */
export function otlpDocument(spans: readonly Span[]): object {
  const byService = new Map<string, Span[]>();
  for (const span of spans) {
    const group = byService.get(span.service);
    if (group) group.push(span);
    else byService.set(span.service, [span]);
  }
  return {
    resourceSpans: [...byService].map(([service, own]) => ({
      resource: { attributes: [text('service.name', service)] },
      scopeSpans: [{ scope: { name: 'istio-proxy' }, spans: own.map(otlpSpan) }],
    })),
  };
}

function otlpSpan(span: Span): object {
  const { traceId, spanId, parentSpanId, name, kind, status } = span;
  return {
    traceId: traceId.slice(0, TRACE_ID_DIGITS).padStart(TRACE_ID_DIGITS, '0'),
    spanId,
    ...(parentSpanId && { parentSpanId }),
    name,
    kind: KIND[kind],
    startTimeUnixNano: unixNanoseconds(span.startUs),
    endTimeUnixNano: unixNanoseconds(span.endUs),
    attributes: [
      { key: 'http.status_code', value: { intValue: String(status) } },
      text('response_flags', span.flags),
      text('node_id', span.pod),
    ],
    ...(status >= 500 || status === 0 ? { status: { code: STATUS_ERROR } } : {}),
  };
}

/** Too large for a double: milliseconds and the rest, put together as digits. */
function unixNanoseconds(time: Micros): string {
  const ms = EPOCH_MS + Math.floor(time / 1000);
  return `${ms}${String(time % 1000).padStart(3, '0')}000`;
}

function text(key: string, value: string): object {
  return { key, value: { stringValue: value } };
}
