/**
 * Models where access logs end up: standard output of each istio-proxy container, the last lines of
 * which `kubectl logs` and the page can read.
 *
 * Bounded: LINES_MAX lines a pod.
 */
import type { Micros } from '../sim/time.ts';

const LINES_MAX = 1_000;

export interface AccessLogLine {
  readonly timeUs: Micros;
  readonly line: string;
  /** Which request of the run it is about; 0 when nobody asked. */
  readonly requestId: number;
}

export class AccessLogStore {
  readonly #rings = new Map<string, { lines: AccessLogLine[]; next: number }>();

  add(pod: string, entry: AccessLogLine): void {
    let ring = this.#rings.get(pod);
    if (!ring) this.#rings.set(pod, (ring = { lines: [], next: 0 }));
    ring.lines[ring.next] = entry;
    ring.next = (ring.next + 1) % LINES_MAX;
  }

  /** The newest `tail` lines of a pod, oldest first. */
  lines(pod: string, tail = LINES_MAX): AccessLogLine[] {
    const ring = this.#rings.get(pod);
    if (!ring) return [];
    const { lines, next } = ring;
    const ordered =
      lines.length < LINES_MAX ? lines : [...lines.slice(next), ...lines.slice(0, next)];
    return ordered.slice(Math.max(0, ordered.length - tail));
  }

  /** A pod is gone, and its logs with it. */
  forget(pod: string): void {
    this.#rings.delete(pod);
  }
}
