/**
 * Models a listener: filter chains, who accepts, who drains.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/listener/v3/listener.proto.
 * Deliberately without effect here: socket options, buffer limits,
 * max_connections_to_accept_per_socket_event, reuse_port.
 */
import type { ConnectionEnd, ConnectionHandler } from '../../sim/network/connection.ts';
import type { SocketAddress } from '../../sim/network/address.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import type { AccessLog } from '../access-log/access-log.ts';
import type { ProxyContext } from '../context.ts';
import type { Counter, Gauge } from '../stats.ts';
import type { ServerTlsContext } from '../tls/server-tls.ts';
import { AcceptedConnection } from './accepted-connection.ts';
import type { NetworkFilter } from './downstream-connection.ts';
import type { ChainMatch } from './filter-chain-match.ts';
import type { ListenerFilter } from './inspection.ts';
import { ListenerWorkers } from './workers.ts';

export interface FilterChain {
  readonly name: string;
  readonly resource: object;
  readonly match: ChainMatch;
  readonly filters: readonly NetworkFilter[];
  readonly tls: ServerTlsContext | undefined;
}

export interface ListenerParts {
  readonly resource: object;
  readonly name: string;
  readonly address: SocketAddress;
  readonly bindsToPort: boolean;
  readonly usesOriginalDestination: boolean;
  readonly direction: 'inbound' | 'outbound' | 'unspecified';
  readonly listenerFilters: readonly ListenerFilter[];
  readonly inspectionTimeoutUs: Micros | undefined;
  readonly continuesOnTimeout: boolean;
  readonly chains: readonly FilterChain[];
  readonly defaultChain: FilterChain | undefined;
  readonly accessLogs: readonly AccessLog[];
  readonly connectionsMax: number;
  /** Does each connection go to the worker that has the fewest? */
  readonly balancesExactly: boolean;
}

const INSPECTION_TIMEOUT_US = 15 * SECOND;

export class Listener {
  readonly proxy: ProxyContext;
  readonly resource: object;
  readonly name: string;
  readonly address: SocketAddress;
  readonly bindsToPort: boolean;
  readonly usesOriginalDestination: boolean;
  readonly direction: 'inbound' | 'outbound' | 'unspecified';
  readonly inspectionTimeoutUs: Micros;
  readonly continuesOnTimeout: boolean;
  readonly chains: readonly FilterChain[];
  readonly defaultChain: FilterChain | undefined;
  readonly accessLogs: readonly AccessLog[];
  readonly stats: ListenerStats;
  readonly #filters: readonly ListenerFilter[];
  readonly #restoresDestination: boolean;
  readonly #connectionsMax: number;
  readonly #workers: ListenerWorkers;
  /** With the number of the worker that each stays with. */
  readonly #connections = new Map<AcceptedConnection, number>();

  constructor(proxy: ProxyContext, parts: ListenerParts) {
    this.proxy = proxy;
    this.resource = parts.resource;
    this.name = parts.name;
    this.address = parts.address;
    this.bindsToPort = parts.bindsToPort;
    this.usesOriginalDestination = parts.usesOriginalDestination;
    this.direction = parts.direction;
    this.inspectionTimeoutUs = parts.inspectionTimeoutUs ?? INSPECTION_TIMEOUT_US;
    this.continuesOnTimeout = parts.continuesOnTimeout;
    this.chains = parts.chains;
    this.defaultChain = parts.defaultChain;
    this.accessLogs = parts.accessLogs;
    this.#filters = parts.listenerFilters;
    this.#connectionsMax = parts.connectionsMax;
    this.#restoresDestination = this.#filters.some(({ kind }) => kind === 'original-dst');
    const { ip, port } = parts.address;
    this.stats = new ListenerStats(`listener.${ip.replaceAll(':', '_')}_${port}.`, proxy);
    const { prefix } = this.stats;
    this.#workers = new ListenerWorkers(prefix, proxy.stats, proxy.workers, parts.balancesExactly);
  }

  /** Are all secrets of all chains there? */
  get isReady(): boolean {
    return (
      this.chains.every(({ tls }) => tls?.isReady ?? true) &&
      (this.defaultChain?.tls?.isReady ?? true)
    );
  }

  readonly inspectsFor = (port: number): { tls: boolean; http: boolean } => {
    const isOn = (kind: ListenerFilter['kind']) =>
      this.#filters.some((filter) => filter.kind === kind && !filter.isDisabled(port));
    return { tls: isOn('tls-inspector'), http: isOn('http-inspector') };
  };

  /** `restored`: another listener has handed the connection over by its original destination. */
  accept(end: ConnectionEnd, restored: boolean): ConnectionHandler {
    const isRestored = restored || this.#restoresDestination || this.usesOriginalDestination;
    const local = isRestored ? end.originalDestination : end.local;
    const connection = new AcceptedConnection(this, end, local);
    this.stats.cxTotal.inc();
    if (this.#connections.size >= this.#connectionsMax) {
      this.stats.cxOverflow.inc();
      end.handler = connection;
      connection.reset();
      return connection;
    }
    this.#connections.set(connection, this.#workers.take(end));
    this.stats.cxActive.inc();
    return connection;
  }

  onConnectionEnd(connection: AcceptedConnection): void {
    const worker = this.#connections.get(connection);
    if (worker === undefined) return;
    this.#connections.delete(connection);
    this.#workers.giveBack(worker);
    this.stats.cxActive.dec();
    this.stats.cxDestroy.inc();
  }

  /** No new requests on old connections; after a while they are closed. */
  drain(afterUs: Micros): void {
    for (const connection of [...this.#connections.keys()]) connection.onDrain();
    if (this.#connections.size > 0)
      this.proxy.simulation.schedule(afterUs, closeAll, this, undefined);
  }

  closeAll(): void {
    for (const connection of [...this.#connections.keys()]) connection.close();
    for (const chain of this.chains) chain.tls?.close();
    this.defaultChain?.tls?.close();
  }
}

function closeAll(listener: Listener): void {
  listener.closeAll();
}

export class ListenerStats {
  readonly prefix: string;
  readonly cxTotal: Counter;
  readonly cxActive: Gauge;
  readonly cxDestroy: Counter;
  readonly cxOverflow: Counter;
  readonly noFilterChainMatch: Counter;

  constructor(prefix: string, { stats }: ProxyContext) {
    this.prefix = prefix;
    this.cxTotal = stats.counter(`${prefix}downstream_cx_total`);
    this.cxActive = stats.gauge(`${prefix}downstream_cx_active`);
    this.cxDestroy = stats.counter(`${prefix}downstream_cx_destroy`);
    this.cxOverflow = stats.counter(`${prefix}downstream_cx_overflow`);
    this.noFilterChainMatch = stats.counter(`${prefix}no_filter_chain_match`);
  }
}
