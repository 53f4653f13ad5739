/**
 * Models one try of a routed request: from asking a cluster for a stream to the answer or its loss.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_routing
 */
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { NO_FLAGS, type UpstreamTry } from '../stream-info.ts';
import type {
  PendingStream,
  ResetReason,
  UpstreamCallbacks,
  UpstreamConnectionInfo,
  UpstreamHost,
  UpstreamStream,
} from '../upstream/contract.ts';
import type { PeerMetadata } from '../wire.ts';
import type { Router } from './router.ts';

export class Attempt implements UpstreamCallbacks {
  readonly router: Router;
  readonly log: UpstreamTry = { host: undefined, status: 0, flags: NO_FLAGS };
  pending: PendingStream | undefined = undefined;
  host: UpstreamHost | undefined = undefined;
  connection: UpstreamConnectionInfo | undefined = undefined;
  #stream: UpstreamStream | undefined = undefined;
  hasHeaders = false;
  /** Hedging: its time is over but it may still win. */
  isLate = false;
  #isOver = false;
  #sentHeaders = false;
  #timer: TimerHandle = NO_TIMER;
  #idleTimer: TimerHandle = NO_TIMER;

  constructor(router: Router) {
    this.router = router;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get requestStarted(): boolean {
    return this.#sentHeaders;
  }

  onPoolReady(stream: UpstreamStream, connection: UpstreamConnectionInfo): void {
    if (this.#isOver) return;
    const { router } = this;
    this.#stream = stream;
    this.pending = undefined;
    this.connection = connection;
    this.host = connection.host;
    this.log.host = connection.host;
    router.onAttemptConnected(connection);
    const { request } = router;
    this.#sentHeaders = true;
    const { body, requestEnded, requestTrailers } = request;
    const endsNow = requestEnded && requestTrailers === undefined;
    stream.encodeHeaders(request.headers, body, endsNow, router.peerMetadata);
    if (requestTrailers) stream.encodeTrailers(requestTrailers);
    if (requestEnded) this.startTimer();
    this.#touch();
  }

  /** The per-try timeout runs from when the whole request is on its way. */
  startTimer(): void {
    const { perTryUs } = this.router.timeouts;
    if (perTryUs === 0 || this.#timer !== NO_TIMER || !this.#stream) return;
    this.#timer = this.router.simulation.schedule(perTryUs, onPerTryTimeout, this, undefined);
  }

  #touch(): void {
    const { perTryIdleUs } = this.router.timeouts;
    if (perTryIdleUs === 0) return;
    const { simulation } = this.router;
    simulation.cancel(this.#idleTimer);
    this.#idleTimer = simulation.schedule(perTryIdleUs, onPerTryIdle, this, undefined);
  }

  sendData(body: string, endStream: boolean): void {
    if (this.#isOver || !this.#stream) return;
    this.#stream.encodeData(body, endStream);
    if (endStream) this.startTimer();
    this.#touch();
  }

  sendTrailers(trailers: HeaderMap): void {
    if (this.#isOver || !this.#stream) return;
    this.#stream.encodeTrailers(trailers);
    this.startTimer();
  }

  onPoolFailure(
    reason: ResetReason,
    transportFailure: string,
    host: UpstreamHost | undefined,
  ): void {
    if (this.#isOver) return;
    this.pending = undefined;
    this.host = host;
    this.log.host = host;
    this.#end();
    this.router.onAttemptReset(this, reason, transportFailure, true);
  }

  onResponseHeaders(
    received: HeaderMap,
    body: string,
    endStream: boolean,
    peer: PeerMetadata | undefined,
  ): void {
    if (this.#isOver) return;
    const status = received.get(':status');
    // 101 is the last word; other 1xx are only passed on.
    if (status !== undefined && status.length === 3 && status[0] === '1' && status !== '101') {
      this.router.request.respondInterim(received.copy());
      return;
    }
    this.hasHeaders = true;
    this.log.status = Number(status);
    this.#touch();
    if (endStream) this.#end();
    else this.#cancelTimer();
    this.router.onAttemptHeaders(this, received.copy(), body, endStream, peer);
  }

  onResponseData(body: string, endStream: boolean): void {
    if (this.#isOver) return;
    this.#touch();
    if (endStream) this.#end();
    this.router.onAttemptData(this, body, endStream);
  }

  onResponseTrailers(trailers: HeaderMap): void {
    if (this.#isOver) return;
    this.#end();
    this.router.onAttemptTrailers(this, trailers.copy());
  }

  onReset(reason: ResetReason, transportFailure: string): void {
    if (this.#isOver) return;
    this.#end();
    this.router.onAttemptReset(this, reason, transportFailure, false);
  }

  /** Lets go of the connection; nothing more is heard. */
  abandon(): void {
    if (this.#isOver) return;
    this.#end();
    this.pending?.cancel();
    this.pending = undefined;
    this.#stream?.reset();
  }

  #end(): void {
    this.#isOver = true;
    this.#cancelTimer();
    if (this.#idleTimer !== NO_TIMER) this.router.simulation.cancel(this.#idleTimer);
  }

  #cancelTimer(): void {
    if (this.#timer === NO_TIMER) return;
    this.router.simulation.cancel(this.#timer);
    this.#timer = NO_TIMER;
  }
}

function onPerTryTimeout(attempt: Attempt): void {
  if (!attempt.isOver && !attempt.hasHeaders) attempt.router.onPerTryTimeout(attempt, 'time');
}

function onPerTryIdle(attempt: Attempt): void {
  if (!attempt.isOver) attempt.router.onPerTryTimeout(attempt, 'idle');
}
