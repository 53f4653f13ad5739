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
  readonly mtls: boolean;
  readonly last: boolean;
  next: Hop | undefined;
}

export interface Dot {
  readonly request: number;
  hop: Hop;
  tail: Hop;
}

const HOP_MS_MIN = 45;
const HOP_MS_CALM = 230;
/** With so many dots each gets only as much time as keeps their number bounded. */
const CALM_DOTS = 500;
const DOTS_MAX = 6000;
const FADE_MS = 420;
/** A dot that stands still this long lost its end to sampling. */
const REST_MS_MAX = 120_000;

export class Dots {
  readonly #dots = new Map<number, Dot[]>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#dots.clear();
    this.#count = 0;
  }

  /** Takes the moves of a frame at stage time `nowMs`; `speed` is virtual over real time. */
  add(frame: Frame, nowMs: number, speed: number): void {
    const { moves, previousUs } = frame;
    const crowd = Math.max(1, this.#count / CALM_DOTS);
    const hopMs = Math.max(HOP_MS_MIN, HOP_MS_CALM / crowd);
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
        mtls: (marks & MOVE_MARK.mtls) !== 0,
        last: (marks & MOVE_MARK.last) !== 0,
        next: undefined,
      });
    }
  }

  /** Calls `visit` for each dot there is at `nowMs`, with the share of its hop it has run. */
  visit(nowMs: number, visit: (dot: Dot, hop: Hop, share: number, alpha: number) => void): void {
    for (const [request, dots] of this.#dots) {
      let kept = 0;
      for (const dot of dots) {
        advance(dot, nowMs);
        const { hop } = dot;
        const overMs = nowMs - hop.endMs;
        if (overMs > (endsHere(hop) ? FADE_MS : REST_MS_MAX)) continue;
        dots[kept++] = dot;
        if (nowMs < hop.startMs) continue;
        const share = Math.min(1, (nowMs - hop.startMs) / (hop.endMs - hop.startMs));
        const alpha = endsHere(hop) && overMs > 0 ? 1 - overMs / FADE_MS : 1;
        visit(dot, hop, share, alpha);
      }
      this.#count -= dots.length - kept;
      dots.length = kept;
      if (kept === 0) this.#dots.delete(request);
    }
  }

  #play(request: number, hop: Hop): void {
    const dots = this.#dots.get(request);
    const continued = hop.retry ? undefined : dots?.find((dot) => dot.tail.to === hop.from);
    if (continued && !endsHere(continued.tail)) {
      const delay = Math.max(0, continued.tail.endMs - hop.startMs);
      const later = { ...hop, startMs: hop.startMs + delay, endMs: hop.endMs + delay };
      continued.tail.next = later;
      continued.tail = later;
      return;
    }
    if (this.#count >= DOTS_MAX) return;
    const dot = { request, hop, tail: hop };
    if (dots) dots.push(dot);
    else this.#dots.set(request, [dot]);
    this.#count++;
  }
}

function endsHere(hop: Hop): boolean {
  return hop.last || hop.look === 'push' || hop.look === 'ack' || hop.look === 'nack';
}

function advance(dot: Dot, nowMs: number): void {
  while (dot.hop.next && nowMs >= dot.hop.next.startMs) dot.hop = dot.hop.next;
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
