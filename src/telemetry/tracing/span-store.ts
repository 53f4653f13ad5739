/**
 * Models a tracing backend: spans that proxies send, put together to traces.
 *
 * A trace is whole when every span but the root finds its parent. An application that does not hand
 * the headers on tears it: what it calls starts a trace of its own.
 *
 * Bounded: the newest TRACES_MAX traces, SPANS_MAX spans each.
 */
import type { Micros } from '../../sim/time.ts';

const TRACES_MAX = 2_000;
const SPANS_MAX = 500;

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** "" for the root. */
  readonly parentSpanId: string;
  /** "reviews.default.svc.cluster.local:9080/*". */
  readonly name: string;
  readonly kind: 'client' | 'server';
  /** The workload whose proxy made it: "reviews.default". */
  readonly service: string;
  readonly pod: string;
  readonly startUs: Micros;
  readonly endUs: Micros;
  readonly status: number;
  readonly flags: string;
  /** Which request of the run it belongs to; 0 when nobody asked. */
  readonly requestId: number;
}

export interface SpanNode {
  readonly span: Span;
  /** In order of their start. */
  readonly children: readonly SpanNode[];
}

export interface TraceView {
  readonly traceId: string;
  /** More than one root means that the trace was torn or a span is missing. */
  readonly roots: readonly SpanNode[];
  readonly spanCount: number;
  readonly startUs: Micros;
  readonly endUs: Micros;
}

export class SpanStore {
  readonly #traces = new Map<string, Span[]>();

  add(span: Span): void {
    let spans = this.#traces.get(span.traceId);
    if (!spans) {
      this.#traces.set(span.traceId, (spans = []));
      if (this.#traces.size > TRACES_MAX) this.#traces.delete(this.#traces.keys().next().value!);
    }
    if (spans.length < SPANS_MAX) spans.push(span);
  }

  trace(traceId: string): TraceView | undefined {
    const spans = this.#traces.get(traceId);
    return spans && viewOf(traceId, spans);
  }

  /** All traces that one request of the run left: one when every application handed headers on. */
  tracesOf(requestId: number): TraceView[] {
    const found: TraceView[] = [];
    for (const [traceId, spans] of this.#traces)
      if (spans.some((span) => span.requestId === requestId)) found.push(viewOf(traceId, spans));
    return found;
  }

  /** The newest traces, newest first. */
  newest(count: number): TraceView[] {
    const traces = [...this.#traces].slice(-count).reverse();
    return traces.map(([traceId, spans]) => viewOf(traceId, spans));
  }
}

function viewOf(traceId: string, spans: readonly Span[]): TraceView {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const byParent = new Map<string, Span[]>();
  for (const span of [...spans].sort((one, other) => one.startUs - other.startUs)) {
    const isRoot = !ids.has(span.parentSpanId) || span.parentSpanId === span.spanId;
    const parent = isRoot ? '' : span.parentSpanId;
    const siblings = byParent.get(parent);
    if (siblings) siblings.push(span);
    else byParent.set(parent, [span]);
  }
  const nodes = (parent: string): SpanNode[] =>
    (byParent.get(parent) ?? []).map((span) => ({ span, children: nodes(span.spanId) }));
  return {
    traceId,
    roots: nodes(''),
    spanCount: spans.length,
    startUs: Math.min(...spans.map(({ startUs }) => startUs)),
    endUs: Math.max(...spans.map(({ endUs }) => endUs)),
  };
}
