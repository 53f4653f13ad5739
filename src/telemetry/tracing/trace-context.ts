/**
 * Models how a trace travels in headers: W3C's traceparent and Zipkin's B3 in both spellings.
 *
 * Spec: https://www.w3.org/TR/trace-context/, https://github.com/openzipkin/b3-propagation.
 */
import type { HeaderMap } from '../../proxy/http/header-map.ts';
import type { RandomStream } from '../../sim/random.ts';

export interface TraceContext {
  /** 32 hexadecimal digits (B3 may have 16). */
  readonly traceId: string;
  /** 16 hexadecimal digits: the span that sent the request. */
  readonly spanId: string;
  /** Only B3's many headers carry it; "" otherwise. */
  readonly parentSpanId: string;
  readonly sampled: boolean;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const B3 = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d])(?:-([0-9a-f]{16}))?)?$/;

/** The context a request carries; undefined when it starts a trace of its own. */
export function contextOf(headers: HeaderMap): TraceContext | undefined {
  const traceparent = TRACEPARENT.exec(headers.get('traceparent') ?? '');
  if (traceparent && !/^0+$/.test(traceparent[1]!))
    return {
      traceId: traceparent[1]!,
      spanId: traceparent[2]!,
      parentSpanId: '',
      sampled: (Number.parseInt(traceparent[3]!, 16) & 1) === 1,
    };
  const b3 = B3.exec(headers.get('b3') ?? '');
  if (b3)
    return {
      traceId: b3[1]!,
      spanId: b3[2]!,
      parentSpanId: b3[4] ?? '',
      sampled: b3[3] === undefined || b3[3] !== '0',
    };
  const traceId = headers.get('x-b3-traceid');
  const spanId = headers.get('x-b3-spanid');
  if (traceId === undefined || spanId === undefined) return undefined;
  const parentSpanId = headers.get('x-b3-parentspanid') ?? '';
  return { traceId, spanId, parentSpanId, sampled: headers.get('x-b3-sampled') !== '0' };
}

/** The context of a new span: a child of `parent`, or the root of a new trace. */
export function childContext(
  parent: TraceContext | undefined,
  random: RandomStream,
  sampled: boolean,
): TraceContext {
  return {
    traceId: parent?.traceId ?? digits(random, 4),
    spanId: digits(random, 2),
    parentSpanId: parent?.spanId ?? '',
    sampled: parent?.sampled ?? sampled,
  };
}

/** Writes a context into a request, as Istio's default (W3C) or its Zipkin provider (B3) does. */
export function inject(context: TraceContext, headers: HeaderMap, format: 'w3c' | 'b3'): void {
  const { traceId, spanId, parentSpanId, sampled } = context;
  if (format === 'w3c') {
    headers.set('traceparent', `00-${traceId.padStart(32, '0')}-${spanId}-0${sampled ? 1 : 0}`);
    return;
  }
  headers.set('x-b3-traceid', traceId);
  headers.set('x-b3-spanid', spanId);
  if (parentSpanId !== '') headers.set('x-b3-parentspanid', parentSpanId);
  headers.set('x-b3-sampled', sampled ? '1' : '0');
}

function digits(random: RandomStream, words: number): string {
  let hex = '';
  for (let i = 0; i < words; i++) hex += random.uint32().toString(16).padStart(8, '0');
  return hex;
}
