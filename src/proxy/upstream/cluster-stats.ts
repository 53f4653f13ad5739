/**
 * Models the statistics of one cluster that the upstream side itself keeps, resolved once.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats
 */
import type { Counter, Gauge, Histogram, StatsStore } from '../stats.ts';

export class ClusterStats {
  readonly prefix: string;
  readonly cxTotal: Counter;
  readonly cxActive: Gauge;
  readonly cxHttp1Total: Counter;
  readonly cxHttp2Total: Counter;
  readonly cxConnectFail: Counter;
  readonly cxConnectTimeout: Counter;
  readonly cxOverflow: Counter;
  readonly cxIdleTimeout: Counter;
  readonly cxMaxRequests: Counter;
  readonly cxNoneHealthy: Counter;
  readonly cxDestroy: Counter;
  readonly cxDestroyLocal: Counter;
  readonly cxDestroyRemote: Counter;
  readonly cxDestroyWithActiveRq: Counter;
  readonly cxDestroyLocalWithActiveRq: Counter;
  readonly cxDestroyRemoteWithActiveRq: Counter;
  readonly cxProtocolError: Counter;
  readonly cxConnectMs: Histogram;
  readonly cxLengthMs: Histogram;
  readonly cxRxBytesTotal: Counter;
  readonly cxTxBytesTotal: Counter;
  readonly rqTotal: Counter;
  readonly rqActive: Gauge;
  readonly rqPendingTotal: Counter;
  readonly rqPendingActive: Gauge;
  readonly rqPendingOverflow: Counter;
  readonly rqActiveOverflow: Counter;
  readonly rqPendingFailureEject: Counter;
  readonly rqCancelled: Counter;
  readonly rqRxReset: Counter;
  readonly rqTxReset: Counter;
  readonly rqMaintenanceMode: Counter;
  readonly lbHealthyPanic: Counter;
  readonly membershipTotal: Gauge;
  readonly membershipHealthy: Gauge;
  readonly membershipDegraded: Gauge;
  readonly membershipExcluded: Gauge;
  readonly membershipChange: Counter;
  readonly #store: StatsStore;
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();

  /** `statName`: alt_stat_name, or the cluster's name. */
  constructor(statName: string, store: StatsStore) {
    const prefix = `cluster.${statName.replaceAll(':', '_')}.`;
    const counter = (name: string) => store.counter(prefix + name);
    const gauge = (name: string) => store.gauge(prefix + name);
    this.prefix = prefix;
    this.#store = store;
    this.cxTotal = counter('upstream_cx_total');
    this.cxActive = gauge('upstream_cx_active');
    this.cxHttp1Total = counter('upstream_cx_http1_total');
    this.cxHttp2Total = counter('upstream_cx_http2_total');
    this.cxConnectFail = counter('upstream_cx_connect_fail');
    this.cxConnectTimeout = counter('upstream_cx_connect_timeout');
    this.cxOverflow = counter('upstream_cx_overflow');
    this.cxIdleTimeout = counter('upstream_cx_idle_timeout');
    this.cxMaxRequests = counter('upstream_cx_max_requests');
    this.cxNoneHealthy = counter('upstream_cx_none_healthy');
    this.cxDestroy = counter('upstream_cx_destroy');
    this.cxDestroyLocal = counter('upstream_cx_destroy_local');
    this.cxDestroyRemote = counter('upstream_cx_destroy_remote');
    this.cxDestroyWithActiveRq = counter('upstream_cx_destroy_with_active_rq');
    this.cxDestroyLocalWithActiveRq = counter('upstream_cx_destroy_local_with_active_rq');
    this.cxDestroyRemoteWithActiveRq = counter('upstream_cx_destroy_remote_with_active_rq');
    this.cxProtocolError = counter('upstream_cx_protocol_error');
    this.cxConnectMs = store.histogram(`${prefix}upstream_cx_connect_ms`);
    this.cxLengthMs = store.histogram(`${prefix}upstream_cx_length_ms`);
    this.cxRxBytesTotal = counter('upstream_cx_rx_bytes_total');
    this.cxTxBytesTotal = counter('upstream_cx_tx_bytes_total');
    this.rqTotal = counter('upstream_rq_total');
    this.rqActive = gauge('upstream_rq_active');
    this.rqPendingTotal = counter('upstream_rq_pending_total');
    this.rqPendingActive = gauge('upstream_rq_pending_active');
    this.rqPendingOverflow = counter('upstream_rq_pending_overflow');
    this.rqActiveOverflow = counter('upstream_rq_active_overflow');
    this.rqPendingFailureEject = counter('upstream_rq_pending_failure_eject');
    this.rqCancelled = counter('upstream_rq_cancelled');
    this.rqRxReset = counter('upstream_rq_rx_reset');
    this.rqTxReset = counter('upstream_rq_tx_reset');
    this.rqMaintenanceMode = counter('upstream_rq_maintenance_mode');
    this.lbHealthyPanic = counter('lb_healthy_panic');
    this.membershipTotal = gauge('membership_total');
    this.membershipHealthy = gauge('membership_healthy');
    this.membershipDegraded = gauge('membership_degraded');
    this.membershipExcluded = gauge('membership_excluded');
    this.membershipChange = counter('membership_change');
    for (const name of COUNTED_ELSEWHERE) this.counter(name);
  }

  /** The counter "cluster.NAME.<name>". */
  counter(name: string): Counter {
    let counter = this.#counters.get(name);
    if (!counter) this.#counters.set(name, (counter = this.#store.counter(this.prefix + name)));
    return counter;
  }

  gauge(name: string): Gauge {
    return this.#store.gauge(this.prefix + name);
  }

  histogram(name: string): Histogram {
    let histogram = this.#histograms.get(name);
    if (!histogram)
      this.#histograms.set(name, (histogram = this.#store.histogram(this.prefix + name)));
    return histogram;
  }
}

/** They exist from the start, at zero, though the router or a load balancer is who counts. */
const COUNTED_ELSEWHERE = [
  'upstream_rq_timeout',
  'upstream_rq_max_duration_reached',
  'upstream_rq_per_try_timeout',
  'upstream_rq_per_try_idle_timeout',
  'upstream_rq_retry',
  'upstream_rq_retry_success',
  'upstream_rq_retry_overflow',
  'upstream_rq_retry_limit_exceeded',
  'upstream_rq_retry_backoff_exponential',
  'upstream_rq_retry_backoff_ratelimited',
  'upstream_cx_connect_attempts_exceeded',
  'upstream_cx_pool_overflow',
  'retry_or_shadow_abandoned',
  'lb_subsets_created',
  'lb_subsets_removed',
  'lb_subsets_selected',
  'lb_subsets_fallback',
  'lb_subsets_fallback_panic',
  'lb_local_cluster_not_ok',
  'lb_recalculate_zone_structures',
  'lb_zone_cluster_too_small',
  'lb_zone_no_capacity_left',
  'lb_zone_routing_all_directly',
  'lb_zone_routing_sampled',
  'lb_zone_routing_cross_zone',
  'update_attempt',
  'update_success',
  'update_failure',
  'update_empty',
  'update_no_rebuild',
  'update_rejected',
  'assignment_stale',
];
