/**
 * Models the TCP proxy: a connection is joined to one of a cluster's; what comes is passed on as it
 * stands.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/tcp_proxy_filter
 */
import { HOUR, type Micros } from '../../sim/time.ts';
import { compileAccessLogs, type AccessLog } from '../access-log/access-log.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { ProxyContext } from '../context.ts';
import type {
  ConnectionSink,
  DownstreamConnection,
  NetworkFilter,
} from '../listener/downstream-connection.ts';
import type { Counter, Gauge } from '../stats.ts';
import { TcpSession } from './tcp-session.ts';

interface Weighted {
  readonly name: string;
  readonly weight: number;
  readonly metadataMatch: Readonly<Record<string, unknown>> | undefined;
}

export class TcpProxy implements NetworkFilter {
  readonly isTerminal = true;
  readonly proxy: ProxyContext;
  readonly idleTimeoutUs: Micros;
  readonly maxConnectAttempts: number;
  readonly hashesSourceIp: boolean;
  readonly metadataMatch: Readonly<Record<string, unknown>> | undefined;
  readonly accessLogs: readonly AccessLog[];
  readonly stats: TcpStats;
  readonly #clusters: readonly Weighted[];

  constructor(config: Message, proxy: ProxyContext) {
    this.proxy = proxy;
    this.idleTimeoutUs = config.durationUs('idle_timeout') ?? HOUR;
    this.maxConnectAttempts = config.number('max_connect_attempts') ?? 1;
    this.hashesSourceIp = config.messages('hash_policy').some((policy) => policy.has('source_ip'));
    this.metadataMatch = lbMetadata(config);
    this.accessLogs = compileAccessLogs(config);
    this.stats = new TcpStats(`tcp.${config.text('stat_prefix')}.`, proxy);
    this.#clusters = compileClusters(config);
  }

  open(connection: DownstreamConnection): ConnectionSink {
    const session = new TcpSession(this, connection);
    session.start();
    return session.downstream;
  }

  /** One cluster, or one by weight. */
  pickCluster(): Weighted {
    const [only] = this.#clusters;
    if (this.#clusters.length === 1) return only!;
    const total = this.#clusters.reduce((sum, { weight }) => sum + weight, 0);
    let left = this.proxy.random.below(total);
    for (const cluster of this.#clusters) {
      left -= cluster.weight;
      if (left < 0) return cluster;
    }
    return only!;
  }
}

function compileClusters(config: Message): Weighted[] {
  if (config.has('cluster'))
    return [{ name: config.text('cluster'), weight: 1, metadataMatch: undefined }];
  const clusters = config.messageOrEmpty('weighted_clusters').messages('clusters');
  if (clusters.length === 0)
    throw new ConfigError('field: "cluster_specifier", reason: is required');
  return clusters.map((cluster) => ({
    name: cluster.text('name'),
    weight: cluster.number('weight') ?? 0,
    metadataMatch: lbMetadata(cluster),
  }));
}

function lbMetadata(message: Message): Readonly<Record<string, unknown>> | undefined {
  return message.message('metadata_match')?.message('filter_metadata')?.message('envoy.lb')?.json;
}

export class TcpStats {
  readonly cxTotal: Counter;
  readonly cxActive: Gauge;
  readonly cxNoRoute: Counter;
  readonly idleTimeout: Counter;
  readonly rxBytes: Counter;
  readonly txBytes: Counter;
  readonly flushTotal: Counter;

  constructor(prefix: string, { stats }: ProxyContext) {
    this.cxTotal = stats.counter(`${prefix}downstream_cx_total`);
    this.cxActive = stats.gauge(`${prefix}downstream_cx_active`);
    this.cxNoRoute = stats.counter(`${prefix}downstream_cx_no_route`);
    this.idleTimeout = stats.counter(`${prefix}idle_timeout`);
    this.rxBytes = stats.counter(`${prefix}downstream_cx_rx_bytes_total`);
    this.txBytes = stats.counter(`${prefix}downstream_cx_tx_bytes_total`);
    this.flushTotal = stats.counter(`${prefix}upstream_flush_total`);
  }
}

export function compileTcpProxy(config: Message, proxy: ProxyContext): NetworkFilter {
  return new TcpProxy(config, proxy);
}
