/**
 * Models header propagation: which headers of a request an application hands on to the services it
 * calls. A sidecar cannot do that for it; a trace is whole only as far as applications do.
 *
 * Spec: https://istio.io/latest/about/faq/distributed-tracing/ (which headers), W3C Trace Context,
 * B3 propagation.
 */
import type { HeaderMap } from '../proxy/http/header-map.ts';
import type { HeaderPairs } from './http/client.ts';

export const TRACE_HEADERS: readonly string[] = [
  'x-request-id',
  'x-ot-span-context',
  'x-datadog-trace-id',
  'x-datadog-parent-id',
  'x-datadog-sampling-priority',
  'traceparent',
  'tracestate',
  'x-cloud-trace-context',
  'grpc-trace-bin',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
  'b3',
  'sw8',
];

/** Those of `names` that the request carries, in the order of `names`. */
export function forwarded(request: HeaderMap, names: readonly string[]): HeaderPairs {
  const pairs: (readonly [string, string])[] = [];
  for (const name of names) {
    const value = request.get(name);
    if (value !== undefined) pairs.push([name, value]);
  }
  return pairs;
}
