/**
 * Models the wall inside the proxy between the router and the upstream side: the router asks a
 * cluster for a stream to some host, and hears what becomes of it.
 *
 * The upstream side owns host choice, connection pools, circuit breakers, health, outlier
 * detection, upstream TLS and the `cluster.*` statistics. The router owns retries, timeouts,
 * shadowing, header mutation and everything the client sees.
 */
import type { HeaderMap } from '../http/header-map.ts';
import type { Journal } from '../journal.ts';
import type { HttpVersion, PeerMetadata } from '../wire.ts';
import type { ConnectionEnd, WireMessage } from '../../sim/network/connection.ts';
import type { Micros } from '../../sim/time.ts';

export type Priority = 'default' | 'high';

/** Envoy's stream reset reasons, as they stand in "reset reason: …". */
export type ResetReason =
  | 'local connection failure'
  | 'remote connection failure'
  | 'connection timeout'
  | 'connection termination'
  | 'local reset'
  | 'local refused stream reset'
  | 'remote reset'
  | 'remote refused stream reset'
  | 'overflow'
  | 'protocol error'
  | 'HTTP/1 premature upstream half close';

/** One endpoint of a cluster, as the router and the logs see it. */
export interface UpstreamHost {
  /** "10.1.2.3:8080": what %UPSTREAM_HOST% prints. */
  readonly address: string;
  readonly hostname: string;
  readonly zone: string;
  readonly priority: number;
  readonly weight: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A host chosen beforehand. */
export interface HostOverride {
  /** "10.1.2.3:8080". */
  readonly address: string;
  /** No other host may do instead. */
  readonly isStrict: boolean;
}

/** What the choice of a host may depend on. */
export interface LoadBalancerContext {
  /** From the route's hash policy: 64 bits; undefined when there is none. */
  readonly hashKey: bigint | undefined;
  /** envoy.lb metadata match of the route (and weighted cluster). */
  readonly metadataMatch: Readonly<Record<string, unknown>> | undefined;
  readonly requestHeaders: HeaderMap;
  /** For ORIGINAL_DST clusters and connection pools per downstream connection. */
  readonly downstreamConnection: ConnectionEnd | undefined;
  /** Hosts tried before, newest last (previous_hosts). */
  readonly hostsTried: readonly UpstreamHost[];
  /** retry_host_predicate says no to these. */
  readonly rejectHost: ((host: UpstreamHost) => boolean) | undefined;
  readonly hostSelectionAttemptsMax: number;
  /** retry_priority previous_priorities: priorities to stay away from. */
  readonly prioritiesTried: readonly number[];
  /** stateful_session: the host that shall get the request, if it is there and not unhealthy. */
  readonly overrideHost?: HostOverride | undefined;
}

export interface UpstreamRequest {
  readonly context: LoadBalancerContext;
  readonly priority: Priority;
  /** Protocol of the downstream request, for USE_DOWNSTREAM_PROTOCOL. */
  readonly downstreamVersion: HttpVersion;
  /** The ALPN that istio.alpn wants offered, or undefined for the cluster's own. */
  readonly alpnOverride: readonly string[] | undefined;
  /** SNI that the downstream asked for, for auto_sni and TLS passthrough. */
  readonly requestedServerName: string;
  readonly requestId: number;
  readonly journal: Journal | undefined;
}

/** Facts of the connection a stream got. */
export interface UpstreamConnectionInfo {
  readonly host: UpstreamHost;
  readonly version: HttpVersion;
  readonly localAddress: string;
  /** SPIFFE id or subject of the peer's certificate; "" in plain text. */
  readonly peerIdentity: string;
  readonly isTls: boolean;
  readonly requestedServerName: string;
}

/** What the router hears. Exactly one of onPoolReady / onPoolFailure comes first. */
export interface UpstreamCallbacks {
  /** A connection is there: now (and only now) `encode…` may be called on the stream. */
  onPoolReady(stream: UpstreamStream, connection: UpstreamConnectionInfo): void;
  /** No connection: overflow, connect failure or time-out. `host` is undefined for no choice. */
  onPoolFailure(
    reason: ResetReason,
    transportFailureReason: string,
    host: UpstreamHost | undefined,
  ): void;
  onResponseHeaders(
    headers: HeaderMap,
    body: string,
    endStream: boolean,
    peerMetadata: PeerMetadata | undefined,
  ): void;
  onResponseData(body: string, endStream: boolean): void;
  onResponseTrailers(trailers: HeaderMap): void;
  /** The stream broke. Not after the end of the stream. */
  onReset(reason: ResetReason, transportFailureReason: string): void;
}

export interface UpstreamStream {
  encodeHeaders(
    headers: HeaderMap,
    body: string,
    endStream: boolean,
    peerMetadata: PeerMetadata | undefined,
  ): void;
  encodeData(body: string, endStream: boolean): void;
  encodeTrailers(trailers: HeaderMap): void;
  /** The router lets go (time-out, client gone). No callback follows. */
  reset(): void;
}

/** A request that waits for a connection. */
export interface PendingStream {
  /** Lets go before onPoolReady. No callback follows. */
  cancel(): void;
}

/** How an attempt ended, for outlier detection; the router reports each attempt exactly once. */
export type AttemptResult =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'connect-failure' }
  | { readonly kind: 'connect-timeout' };

export type StreamRefusal = 'no-healthy-upstream' | 'maintenance' | 'drop-overload';

export interface UpstreamCluster {
  readonly name: string;
  /** The Cluster resource's `metadata`, `alt_stat_name` … as received. */
  readonly resource: object;
  readonly maxStreamDurationUs: Micros | undefined;
  /**
   * Chooses a host and asks its pool for a stream. A refusal comes at once and no callback is
   * called; overflow is a pool failure.
   */
  newHttpStream(
    request: UpstreamRequest,
    callbacks: UpstreamCallbacks,
  ): PendingStream | StreamRefusal;
  /** For TCP proxying: a raw connection to a host. */
  newTcpConnection(
    request: UpstreamRequest,
    callbacks: TcpUpstreamCallbacks,
  ): PendingStream | StreamRefusal;
  /** Takes one of the retries that circuit breaker and retry budget allow; false: overflow. */
  tryAcquireRetry(priority: Priority): boolean;
  releaseRetry(priority: Priority): void;
  /** For outlier detection and host statistics. */
  reportAttempt(host: UpstreamHost, result: AttemptResult): void;
  /** Names the statistic `cluster.<stat name>.<name>` and adds to it. */
  count(statistic: string, by?: number): void;
  /** Adds to a `cluster.<stat name>.<name>` histogram, in milliseconds. */
  recordMs(statistic: string, ms: number): void;
}

export interface TcpUpstreamCallbacks {
  onPoolReady(connection: TcpUpstream, info: UpstreamConnectionInfo): void;
  onPoolFailure(
    reason: ResetReason,
    transportFailureReason: string,
    host: UpstreamHost | undefined,
  ): void;
  onBytes(bytes: string): void;
  /**
   * Instead of `onBytes`, when defined: any message of the peer, as it stands. A proxy that only
   * passes bytes on relays a TLS hello or an HTTP request without looking into it.
   */
  onMessage?(message: WireMessage): void;
  onClosed(how: 'fin' | 'reset'): void;
}

export interface TcpUpstream {
  write(bytes: string): void;
  /** Passes a message on as it stands. */
  relay(message: WireMessage, bytes: number): void;
  close(how: 'fin' | 'reset'): void;
}

export interface ClusterManager {
  cluster(name: string): UpstreamCluster | undefined;
}
