/**
 * Models a tracing backend: spans that proxies send, put together to traces.
 *
 * A trace is whole when every span but the root finds its parent. An application that does not hand
 * the headers on tears it: what it calls starts a trace of its own. A span that does not know its
 * parent belongs to the shortest one around it that fits: on the same pod a call belongs to what
 * came in, between pods what came in belongs to a call.
 *
 * Bounded: the newest TRACES_MAX traces, SPANS_MAX spans each.
 */
import type { Micros } from '../../sim/time.ts';

const TRACES_MAX = 2_000;
const SPANS_MAX = 500;

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** "" for the root; undefined when it is to be found by place and time. */
  readonly parentSpanId: string | undefined;
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

  /** All spans there are, trace by trace. */
  all(): Span[] {
    return [...this.#traces.values()].flat();
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
    const named = span.parentSpanId ?? enclosing(span, spans)?.spanId ?? '';
    const parent = ids.has(named) && named !== span.spanId ? named : '';
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

/** The shortest span of the other kind that was under way when this one began, and fits its place. */
function enclosing(span: Span, spans: readonly Span[]): Span | undefined {
  let best: Span | undefined;
  for (const other of spans) {
    const isAround = other.startUs <= span.startUs && other.endUs >= span.startUs;
    const fits = (other.pod === span.pod) === (span.kind === 'client');
    if (other.kind === span.kind || !isAround || !fits) continue;
    if (!best || other.endUs - other.startUs < best.endUs - best.startUs) best = other;
  }
  return best;
}
