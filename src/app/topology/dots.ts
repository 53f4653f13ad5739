/**
 * The dots on the stage: moves of the worker's frames, played so that an eye can follow. A hop of
 * 0.2 ms would be gone within one picture, so each is shown for at least a fifth of a second and a
 * request's hops follow one another; waiting at a point is shown as standing there.
 */
import { MOVE, MOVE_FIELDS, MOVE_KIND, MOVE_MARK, type Frame } from '../../protocol/frame.ts';

export type DotLook =
  'request' | 'ok' | 'client-error' | 'failed' | 'in-doubt' | 'push' | 'ack' | 'nack';

/** One move as it is played; `next` follows when it is over. */
export interface Hop {
  readonly from: number;
  readonly to: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly look: DotLook;
  readonly retry: boolean;
  /** The request ends where this hop ends. */
  readonly last: boolean;
  next: Hop | undefined;
}

export interface Dot {
  readonly request: number;
  hop: Hop;
  tail: Hop;
  /** Nothing will follow: after its tail the dot fades. */
  over: boolean;
}

/** All dots of one request: one that runs, others that died on the way. */
interface Run {
  /** Where it set out: an answer that comes back there is its end. */
  readonly origin: number | undefined;
  readonly dots: Dot[];
}

const HOP_MS_MIN = 45;
const HOP_MS_CALM = 230;
/** With more dots than this each hop gets less time, so that their number stays bounded. */
const CALM_DOTS = 500;
const DOTS_MAX = 6000;
const FADE_MS = 420;
/** A dot that stands still this long lost its end to sampling. */
const REST_MS_MAX = 60_000;

export class Dots {
  readonly #runs = new Map<number, Run>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#runs.clear();
    this.#count = 0;
  }

  /** Takes the moves of a frame at stage time `nowMs`; `speed` is virtual over real time. */
  add(frame: Frame, nowMs: number, speed: number): void {
    const { moves, previousUs } = frame;
    const hopMs = Math.max(HOP_MS_MIN, HOP_MS_CALM / Math.max(1, this.#count / CALM_DOTS));
    for (let row = 0; row + MOVE_FIELDS <= moves.length; row += MOVE_FIELDS) {
      const field = (name: keyof typeof MOVE) => moves[row + MOVE[name]] ?? 0;
      const departUs = field('departUs');
      const startMs = nowMs + Math.max(0, departUs - previousUs) / 1000 / speed;
      const lengthMs = Math.max(hopMs, (field('arriveUs') - departUs) / 1000 / speed);
      const marks = field('marks');
      this.#play(field('request'), {
        from: field('from'),
        to: field('to'),
        startMs,
        endMs: startMs + lengthMs,
        look: lookOf(field('kind'), field('status')),
        retry: (marks & MOVE_MARK.retry) !== 0,
        last: (marks & MOVE_MARK.last) !== 0,
        next: undefined,
      });
    }
  }

  /** Calls `visit` for each dot there is at `nowMs`, with the share of its hop it has run. */
  visit(nowMs: number, visit: (dot: Dot, hop: Hop, share: number, alpha: number) => void): void {
    for (const [request, { dots }] of this.#runs) {
      let kept = 0;
      for (const dot of dots) {
        const alpha = alphaAt(dot, nowMs);
        if (alpha <= 0) continue;
        dots[kept++] = dot;
        const { hop } = dot;
        if (nowMs < hop.startMs) continue;
        visit(dot, hop, Math.min(1, (nowMs - hop.startMs) / (hop.endMs - hop.startMs)), alpha);
      }
      this.#count -= dots.length - kept;
      dots.length = kept;
      if (kept === 0) this.#runs.delete(request);
    }
  }

  #play(request: number, hop: Hop): void {
    const run = this.#runOf(request, hop);
    if (hop.retry) endAttemptsFrom(run, hop.from);
    const continued = run.dots.find((dot) => !dot.over && dot.tail.to === hop.from);
    const dot = continued ? follow(continued, hop) : this.#newDot(request, run, hop);
    if (!dot) return;
    const isPush = request < 0;
    if (isPush || hop.last || (isAnswer(hop) && hop.to === run.origin)) {
      for (const other of run.dots) other.over = true;
    }
  }

  #runOf(request: number, hop: Hop): Run {
    const known = this.#runs.get(request);
    if (known) return known;
    const run = { origin: isAnswer(hop) ? undefined : hop.from, dots: [] };
    this.#runs.set(request, run);
    return run;
  }

  #newDot(request: number, run: Run, hop: Hop): Dot | undefined {
    if (this.#count >= DOTS_MAX) return undefined;
    const dot = { request, hop, tail: hop, over: false };
    run.dots.push(dot);
    this.#count++;
    return dot;
  }
}

/** Appends a hop; it does not start before the one before it has been seen. */
function follow(dot: Dot, hop: Hop): Dot {
  const delayMs = Math.max(0, dot.tail.endMs - hop.startMs);
  const later = { ...hop, startMs: hop.startMs + delayMs, endMs: hop.endMs + delayMs };
  dot.tail.next = later;
  dot.tail = later;
  return dot;
}

/** A retry is a second dot: what was sent before from there, or came back failed, has died. */
function endAttemptsFrom(run: Run, point: number): void {
  for (const dot of run.dots) {
    if (dot.tail.to === point || dot.tail.from === point) dot.over = true;
  }
}

function alphaAt(dot: Dot, nowMs: number): number {
  while (dot.hop.next && nowMs >= dot.hop.next.startMs) dot.hop = dot.hop.next;
  const overMs = nowMs - dot.hop.endMs;
  if (overMs <= 0 || dot.hop.next) return 1;
  if (dot.over) return 1 - overMs / FADE_MS;
  return overMs > REST_MS_MAX ? 0 : 1;
}

function isAnswer(hop: Hop): boolean {
  return hop.look !== 'request';
}

function lookOf(kind: number, status: number): DotLook {
  switch (kind) {
    case MOVE_KIND.push:
      return 'push';
    case MOVE_KIND.ack:
      return 'ack';
    case MOVE_KIND.nack:
      return 'nack';
    case MOVE_KIND.request:
      return 'request';
  }
  if (status <= 0) return 'in-doubt';
  if (status >= 500) return 'failed';
  return status >= 400 ? 'client-error' : 'ok';
}
