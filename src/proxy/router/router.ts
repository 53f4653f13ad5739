/**
 * Models Envoy's router for one request: cluster, tries, retries, timeouts, and the answer.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
 */
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { MS } from '../../sim/time.ts';
import type { HeaderMap } from '../http/header-map.ts';
import type { HttpStream, RequestSink } from '../http/stream.ts';
import type { ResponseFlag } from '../stream-info.ts';
import type {
  AttemptResult,
  ResetReason,
  StreamRefusal,
  UpstreamCluster,
  UpstreamConnectionInfo,
  UpstreamRequest,
} from '../upstream/contract.ts';
import type { PeerMetadata } from '../wire.ts';
import { Attempt } from './attempt.ts';
import { outlierStatus, resultOfReset } from './attempt-result.ts';
import { finalizeResponseHeaders, setAuthority } from './finalize-headers.ts';
import { mirrorRequest } from './mirror.ts';
import { refusalReply } from './refusal-reply.ts';
import { flagOfReset, resetDetails, resetReply } from './reset-reply.ts';
import type { RetryState, RetryVerdict } from './retry-state.ts';
import type { RouteAction } from './route-action.ts';
import type { Route } from './route.ts';
import { countResponse } from './response-stats.ts';
import { expectedTimeoutMs, type Timeouts } from './timeouts.ts';
import type { RouterFilter } from './router-filter.ts';

/** How many bytes of a request are kept for retries when nothing says otherwise. */
const BUFFER_BYTES_MAX = 1_048_576;

/** Never changed: a first attempt gets a list of its own. */
const NO_ATTEMPTS: Attempt[] = [];

export class Router implements RequestSink {
  readonly request: HttpStream;
  readonly simulation: Simulation;
  readonly timeouts: Timeouts;
  readonly peerMetadata: PeerMetadata | undefined;
  readonly #filter: RouterFilter;
  readonly #cluster: UpstreamCluster;
  readonly #route: Route;
  readonly #action: RouteAction;
  readonly #retries: RetryState | undefined;
  readonly #upstreamRequest: UpstreamRequest;
  readonly #bufferBytesMax: number;
  #attempts = NO_ATTEMPTS;
  #final: Attempt | undefined = undefined;
  #attemptCount = 0;
  /** A retry was decided on and waits for its time. */
  #backOffTimer: TimerHandle = NO_TIMER;
  #routeTimer: TimerHandle = NO_TIMER;
  #isOver = false;
  /** When the whole request had reached the router; -1 before. */
  #completeTime = -1;
  #canRetry = true;

  constructor(
    filter: RouterFilter,
    request: HttpStream,
    route: Route,
    action: RouteAction,
    cluster: UpstreamCluster,
    timeouts: Timeouts,
    retries: RetryState | undefined,
    upstreamRequest: UpstreamRequest,
  ) {
    this.#filter = filter;
    this.request = request;
    this.simulation = request.proxy.simulation;
    this.peerMetadata = request.proxy.metadata;
    this.#route = route;
    this.#action = action;
    this.#cluster = cluster;
    this.timeouts = timeouts;
    this.#retries = retries;
    this.#upstreamRequest = upstreamRequest;
    this.#bufferBytesMax =
      route.bufferBytesMax ?? request.virtualHost?.bufferBytesMax ?? BUFFER_BYTES_MAX;
  }

  start(): void {
    if (this.request.body.length > this.#bufferBytesMax) this.#giveUpRetries();
    this.#try();
    if (this.request.requestEnded && !this.#isOver) this.#onRequestComplete();
  }

  // ---- the request --------------------------------------------------------------------------

  onRequestData(body: string, endStream: boolean): void {
    if (this.#isOver) return;
    const { request } = this;
    const waiting = this.#attempts.some((attempt) => attempt.pending !== undefined);
    if (this.#canRetry || waiting) request.body += body;
    if (this.#retries && request.body.length > this.#bufferBytesMax) this.#giveUpRetries();
    for (const attempt of this.#attempts) attempt.sendData(body, endStream);
    if (endStream) this.#onRequestComplete();
  }

  onRequestTrailers(): void {
    if (this.#isOver) return;
    const { requestTrailers } = this.request;
    for (const attempt of this.#attempts) attempt.sendTrailers(requestTrailers!);
    this.#onRequestComplete();
  }

  #giveUpRetries(): void {
    if (!this.#canRetry) return;
    this.#canRetry = false;
    this.#cluster.count('retry_or_shadow_abandoned');
  }

  /** The route's timeout runs from when the whole request is here. */
  #onRequestComplete(): void {
    const { routeUs } = this.timeouts;
    this.#completeTime = this.simulation.now;
    mirrorRequest(this.request, this.#action, this.timeouts);
    if (routeUs > 0 && this.#routeTimer === NO_TIMER)
      this.#routeTimer = this.simulation.schedule(routeUs, onRouteTimeout, this, undefined);
  }

  onStreamReset(): void {
    this.#end();
  }

  // ---- tries --------------------------------------------------------------------------------

  #try(): void {
    const { request } = this;
    this.#attemptCount += 1;
    request.info.attempts = this.#attemptCount;
    this.#setAttemptHeaders();
    const attempt = new Attempt(this);
    // Most have one try: a list of one takes less room than an empty one that grows.
    if (this.#attempts.length === 0) this.#attempts = [attempt];
    else this.#attempts.push(attempt);
    const { info } = request;
    if (info.tries) info.tries.push(attempt.log);
    else info.tries = [attempt.log];
    if (request.journal)
      request.note(
        'attempt-started',
        { attempt: this.#attemptCount },
        { type: 'cluster', name: this.#cluster.name },
        this.#cluster.resource,
      );
    const pending = this.#cluster.newHttpStream(this.#upstreamRequest, attempt);
    if (typeof pending === 'string') {
      this.#attempts.pop();
      info.tries!.pop();
      this.#refused(pending);
    } else if (!attempt.isOver && !attempt.connection) attempt.pending = pending;
  }

  #setAttemptHeaders(): void {
    const { request } = this;
    const { headers, virtualHost } = request;
    if (virtualHost?.includeAttemptCount)
      headers.set('x-envoy-attempt-count', String(this.#attemptCount));
    if (this.#filter.suppressesEnvoyHeaders) return;
    const elapsedUs = this.#completeTime < 0 ? 0 : this.simulation.now - this.#completeTime;
    const expected = expectedTimeoutMs(this.timeouts, elapsedUs);
    if (expected > 0) headers.set('x-envoy-expected-rq-timeout-ms', String(expected));
  }

  #refused(why: StreamRefusal): void {
    const { request } = this;
    this.#end();
    this.#countAnswer(503);
    // Nothing was tried, except where there was nobody to try.
    if (why !== 'no-healthy-upstream') request.info.attempts = this.#attemptCount - 1;
    request.sendLocalReply(refusalReply(why, this.#filter.suppressesEnvoyHeaders));
  }

  onAttemptConnected(connection: UpstreamConnectionInfo): void {
    const { info, headers } = this.request;
    info.upstreamHost = connection.host;
    info.upstreamConnection = connection;
    info.upstreamTransportFailure = '';
    if (this.#action.autoHostRewrite && connection.host.hostname !== '')
      setAuthority(
        headers,
        connection.host.hostname,
        this.#action.appendXForwardedHost,
        !this.#filter.suppressesEnvoyHeaders,
      );
  }

  onAttemptHeaders(
    attempt: Attempt,
    headers: HeaderMap,
    body: string,
    endStream: boolean,
    peer: PeerMetadata | undefined,
  ): void {
    const { request } = this;
    const status = Number(headers.get(':status'));
    this.#report(attempt, { kind: 'status', status: outlierStatus(headers, status) });
    if (this.#retries && this.#canRetry) {
      const verdict = this.#retries.afterHeaders(headers, this.simulation.now);
      if (verdict === 'retry') {
        if (request.journal)
          request.note('attempt-failed', { status, attempt: this.#attemptCount });
        attempt.abandon();
        this.#retryLater(attempt, false);
        return;
      }
      this.#noteRefusedRetry(verdict);
    }
    this.#final = attempt;
    for (const other of this.#attempts) if (other !== attempt) other.abandon();
    request.info.upstreamFirstByteTime = this.simulation.now;
    request.info.upstreamHost = attempt.host;
    if (peer !== undefined) request.info.upstreamPeer = peer;
    this.#answer(headers, status, body, endStream);
  }

  #answer(headers: HeaderMap, status: number, body: string, endStream: boolean): void {
    const { request } = this;
    const { info, virtualHost } = request;
    this.#countAnswer(status, headers);
    if (!this.#filter.suppressesEnvoyHeaders && this.#completeTime >= 0) {
      const ms = Math.floor((this.simulation.now - this.#completeTime) / MS);
      headers.set('x-envoy-upstream-service-time', String(ms));
      this.#cluster.recordMs('upstream_rq_time', ms);
    }
    info.details = 'via_upstream';
    info.status = status;
    info.responseHeaders = headers;
    finalizeResponseHeaders(headers, this.#levels(), info);
    if (virtualHost?.includeAttemptCountInResponse)
      headers.set('x-envoy-attempt-count', String(this.#attemptCount));
    if (endStream) this.#end();
    request.respond(headers, body, endStream);
  }

  #levels() {
    const { weighted, virtualHost, routeTable } = this.request;
    return { weighted, route: this.#route, virtualHost, routeTable };
  }

  onAttemptData(attempt: Attempt, body: string, endStream: boolean): void {
    if (attempt !== this.#final) return;
    if (endStream) this.#end();
    this.request.respondData(body, endStream);
  }

  onAttemptTrailers(attempt: Attempt, trailers: HeaderMap): void {
    if (attempt !== this.#final) return;
    this.#end();
    this.request.respondTrailers(trailers);
  }

  onAttemptReset(
    attempt: Attempt,
    reason: ResetReason,
    transportFailure: string,
    isPoolFailure: boolean,
  ): void {
    const { request } = this;
    const { info } = request;
    const flag = flagOfReset(reason);
    attempt.log.flags = [flag];
    if (attempt.host) info.upstreamHost = attempt.host;
    info.upstreamTransportFailure = transportFailure;
    if (reason !== 'overflow') this.#report(attempt, resultOfReset(reason, isPoolFailure));
    if (request.journal)
      request.note('attempt-failed', { reason, transportFailure, attempt: this.#attemptCount });
    if (this.#final === undefined && this.#retries && this.#canRetry && !attempt.isLate) {
      const verdict = this.#retries.afterReset(reason, attempt.requestStarted);
      if (verdict === 'retry') {
        this.#retryLater(attempt, false);
        return;
      }
      this.#noteRefusedRetry(verdict);
    }
    this.#drop(attempt);
    if (this.#final === undefined && this.#isStillTrying()) return;
    this.#abortAfterReset(reason, transportFailure, flag);
  }

  #abortAfterReset(reason: ResetReason, transportFailure: string, flag: ResponseFlag): void {
    const { request } = this;
    const reply = resetReply(reason, this.#attemptCount > 1);
    const started = this.#final !== undefined;
    this.#end();
    if (!started) this.#countAnswer(reply.status);
    request.sendLocalReply({
      status: reply.status,
      body: reply.body,
      details: resetDetails(reason, transportFailure, started),
      flag,
      headers: (headers) => {
        if (reason === 'overflow' && !this.#filter.suppressesEnvoyHeaders)
          headers.set('x-envoy-overloaded', 'true');
        this.#attemptCountHeader(headers);
      },
    });
  }

  #attemptCountHeader(headers: HeaderMap): void {
    if (this.request.virtualHost?.includeAttemptCountInResponse)
      headers.set('x-envoy-attempt-count', String(this.#attemptCount));
  }

  // ---- retries ------------------------------------------------------------------------------

  #noteRefusedRetry(verdict: RetryVerdict): void {
    const { request } = this;
    if (verdict === 'limit-exceeded') request.info.setFlag('URX');
    else if (verdict === 'overflow') request.info.setFlag('UO');
    else return;
    if (request.journal) request.note('retry-refused', { why: verdict });
  }

  #retryLater(attempt: Attempt, isTimeout: boolean): void {
    this.#drop(attempt);
    const delay = this.#retries!.backOffUs();
    if (this.request.journal) this.request.note('retry-scheduled', { delayUs: delay, isTimeout });
    this.#backOffTimer = this.simulation.schedule(delay, onBackOff, this, isTimeout);
  }

  retry(isTimeout: boolean): void {
    this.#backOffTimer = NO_TIMER;
    if (this.#isOver) return;
    const { request } = this;
    // The map may still be on its way to the host before: it must not change any more.
    request.replaceHeaders(request.headers.copy());
    if (isTimeout && request.virtualHost?.includeIsTimeoutRetry)
      request.headers.set('x-envoy-is-timeout-retry', 'true');
    this.#try();
  }

  #drop(attempt: Attempt): void {
    const at = this.#attempts.indexOf(attempt);
    if (at >= 0) this.#attempts.splice(at, 1);
  }

  #isStillTrying(): boolean {
    return this.#attempts.length > 0 || this.#backOffTimer !== NO_TIMER;
  }

  #report(attempt: Attempt, result: AttemptResult): void {
    const { host } = attempt;
    if (!host) return;
    this.#filter.rememberHost(this.#upstreamRequest, host);
    this.#cluster.reportAttempt(host, result);
  }

  // ---- time ---------------------------------------------------------------------------------

  onPerTryTimeout(attempt: Attempt, which: 'time' | 'idle'): void {
    const { request } = this;
    const isIdle = which === 'idle';
    this.#cluster.count(
      isIdle ? 'upstream_rq_per_try_idle_timeout' : 'upstream_rq_per_try_timeout',
    );
    attempt.log.flags = [isIdle ? 'SI' : 'UT'];
    this.#report(attempt, { kind: 'timeout' });
    if (request.journal) request.note('timeout', { which: 'per-try', attempt: this.#attemptCount });
    if (this.timeouts.hedges && !isIdle && this.#hedge(attempt)) return;
    attempt.abandon();
    if (this.#final) {
      this.#end();
      request.sendLocalReply({
        status: 504,
        body: '',
        details: 'upstream_per_try_idle_timeout',
        flag: 'SI',
      });
      return;
    }
    if (this.#retries && this.#canRetry && !attempt.isLate) {
      const verdict = this.#retries.afterReset('local reset', attempt.requestStarted);
      if (verdict === 'retry') {
        this.#retryLater(attempt, true);
        return;
      }
      this.#noteRefusedRetry(verdict);
    }
    this.#drop(attempt);
    if (this.#isStillTrying()) return;
    this.#timeOut(
      isIdle ? 'SI' : 'UT',
      isIdle ? 'upstream_per_try_idle_timeout' : 'upstream_per_try_timeout',
    );
  }

  /** hedge_on_per_try_timeout: another try beside the late one; the first answer wins. */
  #hedge(attempt: Attempt): boolean {
    attempt.isLate = true;
    if (!this.#retries || !this.#canRetry) return true;
    if (this.#retries.afterReset('local reset', attempt.requestStarted) !== 'retry') return true;
    const delay = this.#retries.backOffUs();
    this.#backOffTimer = this.simulation.schedule(delay, onBackOff, this, true);
    return true;
  }

  onRouteTimeout(): void {
    this.#routeTimer = NO_TIMER;
    if (this.#isOver) return;
    const { request } = this;
    for (const attempt of this.#attempts) {
      this.#cluster.count('upstream_rq_timeout');
      if (!attempt.hasHeaders) this.#report(attempt, { kind: 'timeout' });
    }
    if (request.journal) request.note('timeout', { which: 'route', us: this.timeouts.routeUs });
    this.#timeOut('UT', 'response_timeout');
  }

  #timeOut(flag: ResponseFlag, details: string): void {
    const { request } = this;
    const { status } = this.timeouts;
    this.#countAnswer(status);
    this.#end();
    request.sendLocalReply({
      status,
      body: status === 504 ? 'upstream request timeout' : '',
      details,
      flag,
      headers: (headers) => this.#attemptCountHeader(headers),
    });
  }

  #countAnswer(status: number, headers?: HeaderMap): void {
    countResponse(this.request, this.#cluster, status, headers);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.request.sink = undefined;
    for (const attempt of this.#attempts) attempt.abandon();
    this.#attempts = NO_ATTEMPTS;
    this.#retries?.release();
    if (this.#routeTimer !== NO_TIMER) this.simulation.cancel(this.#routeTimer);
    if (this.#backOffTimer !== NO_TIMER) this.simulation.cancel(this.#backOffTimer);
  }
}

function onRouteTimeout(router: Router): void {
  router.onRouteTimeout();
}

function onBackOff(router: Router, isTimeout: boolean): void {
  router.retry(isTimeout);
}
