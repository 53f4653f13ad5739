/**
 * Models the span that a sidecar sends for each request: its own part of the trace.
 *
 * The trace's name is what travels in headers: traceparent or B3 if the request carries them, else
 * x-request-id, which every sidecar gives to a request that has none. An application that does not
 * hand these on starts a new trace with its next call.
 *
 * Spec: https://istio.io/latest/docs/tasks/observability/distributed-tracing/overview/. Simplified:
 * sidecars write no span ids into headers, so a span's parent is found by place and time; all
 * requests are sampled.
 */
import type { StreamInfo } from '../../proxy/stream-info.ts';
import { flagsText } from '../../proxy/stream-info.ts';
import type { Span } from './span-store.ts';
import { contextOf } from './trace-context.ts';

/** Undefined for what is no HTTP request. `service`: "reviews.default"; `number` makes its id. */
export function spanFromStream(
  info: StreamInfo,
  service: string,
  number: number,
): Span | undefined {
  const headers = info.requestHeaders;
  if (info.kind !== 'http' || !headers) return undefined;
  const given = contextOf(headers)?.traceId ?? headers.get('x-request-id') ?? '';
  return {
    traceId: given === '' ? `request-${info.requestId}` : given.replaceAll('-', ''),
    spanId: number.toString(16).padStart(16, '0'),
    parentSpanId: undefined,
    name: `${headers.get(':authority') ?? ''}${headers.get(':path') ?? ''}`,
    kind: info.direction === 'inbound' ? 'server' : 'client',
    service,
    pod: info.node,
    startUs: info.startTime,
    endUs: info.endTime,
    status: info.status,
    flags: flagsText(info.flags),
    requestId: info.requestId,
  };
}
