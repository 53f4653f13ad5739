/**
 * Models the HTTP connection manager: requests out of connections, through filters, and back.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/http_connection_management
 */
import type { ProxyContext } from '../context.ts';
import type { DownstreamConnection, NetworkFilter } from '../listener/downstream-connection.ts';
import { REQUEST_COMPLETE } from '../observer.ts';
import type { RouteTable } from '../router/route-table.ts';
import { flagsText } from '../stream-info.ts';
import { MS } from '../../sim/time.ts';
import { writeAccessLogs } from '../access-log/access-log.ts';
import type { ManagerConfig } from './connection-manager-config.ts';
import type { HeaderMap } from './header-map.ts';
import type { HttpFilter } from './http-filter.ts';
import { ManagedConnection } from './managed-connection.ts';
import { ManagerStats } from './manager-stats.ts';
import { appendVia } from './request-headers.ts';
import type { HttpStream } from './stream.ts';

export { ManagedConnection } from './managed-connection.ts';

/** Where the route table stands; RDS puts a new one into the same place. */
export interface RouteSource {
  table: RouteTable | undefined;
}

export class ConnectionManager implements NetworkFilter {
  readonly isTerminal = true;
  readonly proxy: ProxyContext;
  readonly config: ManagerConfig;
  readonly routes: RouteSource;
  readonly filters: readonly HttpFilter[];
  /** Names of filters that are off unless a route turns them on. */
  readonly disabledFilters: ReadonlySet<string>;
  readonly stats: ManagerStats;
  /** Istio always configures tracing. */
  readonly isTraced: boolean;

  constructor(
    proxy: ProxyContext,
    config: ManagerConfig,
    routes: RouteSource,
    filters: readonly HttpFilter[],
    disabledFilters: ReadonlySet<string>,
  ) {
    this.proxy = proxy;
    this.config = config;
    this.routes = routes;
    this.filters = filters;
    this.disabledFilters = disabledFilters;
    this.isTraced = 'tracing' in config.resource;
    this.stats = new ManagerStats(`http.${config.statPrefix}.`, proxy.stats);
  }

  /** The route configuration it gets by RDS; "" when it has its own. */
  get rdsName(): string {
    const { rds } = this.config.resource as { rds?: { route_config_name?: string } };
    return rds?.route_config_name ?? '';
  }

  open(connection: DownstreamConnection): ManagedConnection {
    return new ManagedConnection(this, connection);
  }

  startTimers(stream: HttpStream): void {
    const { config } = this;
    const effect = stream.route?.effect;
    const routed = effect?.kind === 'route' ? effect : undefined;
    const idleUs = routed?.idleTimeoutUs ?? config.streamIdleTimeoutUs;
    if (idleUs > 0) stream.setIdleTimeout(idleUs);
    if (config.requestTimeoutUs > 0 && !stream.requestEnded)
      stream.after(config.requestTimeoutUs, onRequestTimeout);
    const durationUs = streamDurationUs(stream, routed?.maxStreamDurationUs, config);
    if (durationUs > 0) stream.after(durationUs, onStreamDuration);
  }

  onStreamIdle(stream: HttpStream): void {
    this.stats.rqIdleTimeout.inc();
    stream.note('timeout', { which: 'stream-idle' });
    stream.sendLocalReply({
      status: stream.requestEnded ? 504 : 408,
      body: 'stream timeout',
      details: 'stream_idle_timeout',
      flag: 'SI',
    });
  }

  /** What every response gets on its way out. */
  finishResponseHeaders(stream: HttpStream, headers: HeaderMap): void {
    const { config } = this;
    if (!stream.isUpgrade) {
      headers.remove('connection');
      headers.remove('transfer-encoding');
    }
    headers.remove('keep-alive');
    headers.remove('proxy-connection');
    if (config.serverHeader === 'overwrite') headers.set('server', config.serverName);
    else if (config.serverHeader === 'append-if-absent' && !headers.has('server'))
      headers.add('server', config.serverName);
    if (config.via) appendVia(headers, config.via);
    if (stream.cookiesToSet)
      for (const cookie of stream.cookiesToSet) headers.add('set-cookie', cookie);
    if (config.requestIdInResponse) {
      const id = stream.headers.get('x-request-id');
      if (id !== undefined) headers.set('x-request-id', id);
    }
    if (this.isTraced) this.#decorateResponse(stream, headers);
  }

  /**
   * The operation's name travels to the next proxy for its span: up from where the request leaves,
   * down from where it arrives without one.
   */
  decorateRequest({ headers, info, route }: HttpStream): void {
    if (info.direction !== 'outbound') headers.remove('x-envoy-decorator-operation');
    else if (route && route.operation !== '' && route.propagatesOperation)
      headers.set('x-envoy-decorator-operation', route.operation);
  }

  #decorateResponse({ info, route, hadOperation }: HttpStream, headers: HeaderMap): void {
    if (info.direction === 'outbound') headers.remove('x-envoy-decorator-operation');
    else if (!hadOperation && route && route.operation !== '' && route.propagatesOperation)
      headers.set('x-envoy-decorator-operation', route.operation);
  }

  /** Counts, logs and reports a stream that is over. */
  onStreamDone(stream: HttpStream): void {
    const { info } = stream;
    const { simulation, observer, node } = this.proxy;
    this.stats.rqActive.dec();
    this.stats.countStatus(info.status);
    this.stats.rqTimeMs.record(Math.floor((info.endTime - info.startTime) / MS));
    for (const filter of this.filters) filter.complete?.(stream);
    const { trace } = simulation;
    trace.record(
      REQUEST_COMPLETE,
      simulation.now,
      trace.intern(node),
      trace.intern(flagsText(info.flags)),
      info.status,
      info.endTime - info.startTime,
    );
    if (stream.journal)
      stream.note('response', {
        status: info.status,
        flags: info.flags,
        details: info.details,
        durationUs: info.endTime - info.startTime,
      });
    observer.onStreamComplete(info);
    writeAccessLogs(this.config.accessLogs, info, observer);
  }
}

function onRequestTimeout(stream: HttpStream): void {
  if (stream.requestEnded) return;
  stream.manager.stats.rqTimeout.inc();
  stream.sendLocalReply({
    status: 408,
    body: 'request timeout',
    details: 'request_overall_timeout',
  });
}

function onStreamDuration(stream: HttpStream): void {
  stream.manager.stats.rqMaxDuration.inc();
  stream.note('timeout', { which: 'max-stream-duration' });
  stream.sendLocalReply({
    status: stream.requestEnded ? 504 : 408,
    body: 'downstream duration timeout',
    details: 'max_duration_timeout',
  });
}

function streamDurationUs(
  stream: HttpStream,
  routeUs: number | undefined,
  config: ManagerConfig,
): number {
  const grpc = stream.isGrpc ? grpcTimeoutUs(stream) : undefined;
  return grpc ?? routeUs ?? config.streamDurationMaxUs;
}

/** grpc-timeout counts when the route allows it (grpc_timeout_header_max; 0 is no limit). */
function grpcTimeoutUs(stream: HttpStream): number | undefined {
  const effect = stream.route?.effect;
  if (effect?.kind !== 'route' || effect.grpcTimeoutHeaderMaxUs === undefined) return undefined;
  const wanted = parseGrpcTimeout(stream.headers.get('grpc-timeout'));
  if (wanted === undefined) return undefined;
  const most = effect.grpcTimeoutHeaderMaxUs;
  return most > 0 ? Math.min(wanted, most) : wanted;
}

const GRPC_UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000 * MS,
  M: 60_000 * MS,
  S: 1000 * MS,
  m: MS,
  u: 1,
  n: 0.001,
};

export function parseGrpcTimeout(text: string | undefined): number | undefined {
  const found = text === undefined ? null : /^(\d{1,8})([HMSmun])$/.exec(text);
  return found ? Math.ceil(Number(found[1]) * GRPC_UNITS[found[2]!]!) : undefined;
}
