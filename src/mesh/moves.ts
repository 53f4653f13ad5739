/**
 * Models motion: each message that crosses the network, as a row of numbers for the page's dots.
 *
 * Fed by `Network.onTransit`; bounded: beyond MOVES_MAX between two frames the oldest are dropped.
 */
import type { HttpRequestMessage, HttpResponseMessage } from '../proxy/wire.ts';
import { MOVE_FIELDS, MOVE_KIND, MOVE_MARK } from '../protocol/frame.ts';
import type { ConnectionEnd, WireMessage } from '../sim/network/connection.ts';
import type { Micros } from '../sim/time.ts';
import type { Points } from './points.ts';
import type { Sampling } from './sampling.ts';

const MOVES_MAX = 20_000;

export class Moves {
  readonly #points: Points;
  readonly #sampling: Sampling;
  readonly #hasHalves: (namespaceName: string) => boolean;
  readonly #encrypted = new WeakSet<ConnectionEnd>();
  #rows: number[] = [];
  #nextPush = -1;
  #requestMoves = 0;

  constructor(points: Points, sampling: Sampling, hasHalves: (namespaceName: string) => boolean) {
    this.#points = points;
    this.#sampling = sampling;
    this.#hasHalves = hasHalves;
  }

  /** How many moves of watched requests there have been. */
  get requestMoves(): number {
    return this.#requestMoves;
  }

  /** For `Network.onTransit`. */
  readonly onTransit = (
    end: ConnectionEnd,
    message: WireMessage,
    departUs: Micros,
    arriveUs: Micros,
  ): void => {
    switch (message.type) {
      case 'request':
        this.#request(end, message as HttpRequestMessage, departUs, arriveUs);
        return;
      case 'response':
        this.#response(end, message as HttpResponseMessage, departUs, arriveUs);
        return;
      case 'tls-client-finished':
        this.#encrypted.add(end);
        if (end.peer) this.#encrypted.add(end.peer);
        return;
      case 'discovery-response':
        this.#add(this.#nextPush--, end, departUs, arriveUs, MOVE_KIND.push, 0, 0);
        return;
      case 'discovery-request':
        this.#discoveryRequest(end, message, departUs, arriveUs);
        return;
      default:
        return;
    }
  };

  /** A request came to its end at `pointName` without an HTTP answer. */
  endedWithoutAnswer(requestId: number, pointName: string, now: Micros): void {
    if (!this.#sampling.isWatched(requestId)) return;
    const point = this.#points.number(pointName);
    this.#push(requestId, point, point, now, now, MOVE_KIND.response, -1, MOVE_MARK.last);
  }

  /** Everything since the last call, as the page wants it. */
  take(): Float64Array {
    const taken = new Float64Array(this.#rows);
    this.#rows = [];
    return taken;
  }

  #request(
    end: ConnectionEnd,
    message: HttpRequestMessage,
    departUs: Micros,
    arriveUs: Micros,
  ): void {
    if (!this.#sampling.isWatched(message.requestId)) return;
    const isRetry = end.side === 'proxy' && isLaterAttempt(message);
    const marks = this.#tlsMark(end) | (isRetry ? MOVE_MARK.retry : 0);
    this.#add(message.requestId, end, departUs, arriveUs, MOVE_KIND.request, 0, marks);
  }

  #response(
    end: ConnectionEnd,
    message: HttpResponseMessage,
    departUs: Micros,
    arriveUs: Micros,
  ): void {
    if (!this.#sampling.isWatched(message.requestId)) return;
    const status = Number(message.headers.get(':status') ?? 0);
    const marks = this.#tlsMark(end);
    this.#add(message.requestId, end, departUs, arriveUs, MOVE_KIND.response, status, marks);
  }

  #discoveryRequest(
    end: ConnectionEnd,
    message: WireMessage & { readonly errorDetail?: unknown; readonly responseNonce?: string },
    departUs: Micros,
    arriveUs: Micros,
  ): void {
    // a first subscription acknowledges nothing
    if (!message.responseNonce) return;
    const kind = message.errorDetail === undefined ? MOVE_KIND.ack : MOVE_KIND.nack;
    this.#add(this.#nextPush--, end, departUs, arriveUs, kind, 0, 0);
  }

  #tlsMark(end: ConnectionEnd): number {
    return this.#encrypted.has(end) ? MOVE_MARK.mtls : 0;
  }

  #add(
    request: number,
    end: ConnectionEnd,
    departUs: Micros,
    arriveUs: Micros,
    kind: number,
    status: number,
    marks: number,
  ): void {
    const { peer } = end;
    if (!peer) return;
    this.#push(
      request,
      this.#pointOf(end),
      this.#pointOf(peer),
      departUs,
      arriveUs,
      kind,
      status,
      marks,
    );
  }

  #push(...row: number[]): void {
    if (row[0]! > 0) this.#requestMoves += 1;
    if (this.#rows.length >= MOVES_MAX * MOVE_FIELDS) this.#rows.splice(0, MOVE_FIELDS * 1000);
    for (const value of row) this.#rows.push(value);
  }

  #pointOf(end: ConnectionEnd): number {
    const { name } = end.namespace;
    return this.#points.ofSocket(name, end.side, this.#hasHalves(name));
  }
}

function isLaterAttempt(message: HttpRequestMessage): boolean {
  const attempt = message.headers.get('x-envoy-attempt-count');
  return attempt !== undefined && attempt !== '1';
}
