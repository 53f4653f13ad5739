/**
 * Models istiod's cache of generated resources: each piece is built once a push for its audience, and
 * what equals the previous push's is the previous push's.
 *
 * Spec: istio pilot/pkg/model/xds_cache.go. Simplified: filled anew with each push.
 */
import { carryOver } from './carry-over.ts';

/** Beyond this, audiences that the last push had no use for are forgotten. */
const AUDIENCES_MAX = 4_000;

/** The pieces of one audience, by name. */
export class SharedPieces {
  readonly #made = new Map<string, unknown>();
  readonly #before: ReadonlyMap<string, unknown>;

  constructor(previous?: SharedPieces) {
    this.#before = previous ? new Map([...previous.#before, ...previous.#made]) : new Map();
  }

  get<T>(name: string, make: () => T): T {
    if (this.#made.has(name)) return this.#made.get(name) as T;
    const piece = carryOver(this.#before.get(name), make());
    this.#made.set(name, piece);
    return piece;
  }
}

export class Pieces {
  readonly #made = new Map<string, SharedPieces>();
  readonly #before: ReadonlyMap<string, SharedPieces>;

  constructor(previous?: Pieces) {
    this.#before = previous ? previous.#all() : new Map();
  }

  of(audience: string): SharedPieces {
    let pieces = this.#made.get(audience);
    if (!pieces) {
      pieces = new SharedPieces(this.#before.get(audience));
      this.#made.set(audience, pieces);
    }
    return pieces;
  }

  /** A push makes only what its change touches; the rest is still what proxies hold. */
  #all(): ReadonlyMap<string, SharedPieces> {
    if (this.#made.size + this.#before.size > AUDIENCES_MAX) return this.#made;
    return new Map([...this.#before, ...this.#made]);
  }
}
