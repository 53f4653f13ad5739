/**
 * Models the statistics of one HTTP connection manager, resolved once.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/stats
 */
import type { Counter, Gauge, Histogram, StatsStore } from '../stats.ts';

export class ManagerStats {
  readonly prefix: string;
  readonly cxTotal: Counter;
  readonly cxActive: Gauge;
  readonly cxHttp1Total: Counter;
  readonly cxHttp2Total: Counter;
  readonly cxDestroyRemoteActiveRq: Counter;
  readonly cxMaxRequestsReached: Counter;
  readonly cxProtocolError: Counter;
  readonly cxIdleTimeout: Counter;
  readonly rqTotal: Counter;
  readonly rqActive: Gauge;
  readonly rqCompleted: Counter;
  readonly rqHttp1Total: Counter;
  readonly rqHttp2Total: Counter;
  readonly rqRxReset: Counter;
  readonly rqTimeout: Counter;
  readonly rqIdleTimeout: Counter;
  readonly rqMaxDuration: Counter;
  readonly rqTooLarge: Counter;
  readonly rqUpgradeRefused: Counter;
  readonly noRoute: Counter;
  readonly noCluster: Counter;
  readonly rqRedirect: Counter;
  readonly rqDirectResponse: Counter;
  readonly routedTotal: Counter;
  readonly rqTimeMs: Histogram;
  /** downstream_rq_1xx … downstream_rq_5xx at 1 … 5. */
  readonly #byClass: readonly Counter[];

  /** `prefix`: "http.<stat prefix>.". */
  constructor(prefix: string, store: StatsStore) {
    const counter = (name: string) => store.counter(prefix + name);
    this.prefix = prefix;
    this.cxTotal = counter('downstream_cx_total');
    this.cxActive = store.gauge(`${prefix}downstream_cx_active`);
    this.cxHttp1Total = counter('downstream_cx_http1_total');
    this.cxHttp2Total = counter('downstream_cx_http2_total');
    this.cxDestroyRemoteActiveRq = counter('downstream_cx_destroy_remote_active_rq');
    this.cxMaxRequestsReached = counter('downstream_cx_max_requests_reached');
    this.cxProtocolError = counter('downstream_cx_protocol_error');
    this.cxIdleTimeout = counter('downstream_cx_idle_timeout');
    this.rqTotal = counter('downstream_rq_total');
    this.rqActive = store.gauge(`${prefix}downstream_rq_active`);
    this.rqCompleted = counter('downstream_rq_completed');
    this.rqHttp1Total = counter('downstream_rq_http1_total');
    this.rqHttp2Total = counter('downstream_rq_http2_total');
    this.rqRxReset = counter('downstream_rq_rx_reset');
    this.rqTimeout = counter('downstream_rq_timeout');
    this.rqIdleTimeout = counter('downstream_rq_idle_timeout');
    this.rqMaxDuration = counter('downstream_rq_max_duration_reached');
    this.rqTooLarge = counter('downstream_rq_too_large');
    this.rqUpgradeRefused = counter('downstream_rq_ws_on_non_ws_route');
    this.noRoute = counter('no_route');
    this.noCluster = counter('no_cluster');
    this.rqRedirect = counter('rq_redirect');
    this.rqDirectResponse = counter('rq_direct_response');
    this.routedTotal = counter('rq_total');
    this.rqTimeMs = store.histogram(`${prefix}downstream_rq_time`);
    this.#byClass = [1, 1, 2, 3, 4, 5].map((digit) => counter(`downstream_rq_${digit}xx`));
  }

  countStatus(status: number): void {
    this.rqCompleted.inc();
    this.#byClass[Math.floor(status / 100)]?.inc();
  }
}
