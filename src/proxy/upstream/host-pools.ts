/**
 * Models the pools of a cluster's hosts: which one a request belongs to, and what its connections
 * are made with.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/connection_pooling
 */
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { Message } from '../config/message.ts';
import { TransportSockets } from '../tls/transport-sockets.ts';
import type { TlsSurroundings } from '../tls/tls-context.ts';
import type { CircuitBreakers } from './circuit-breakers.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { ConnectionPool, type PoolOwner } from './connection-pool.ts';
import type { Priority, UpstreamRequest } from './contract.ts';
import type { HealthCheckConfig } from './health-check-config.ts';
import type { ProbeTarget } from './health-probe.ts';
import type { Host } from './host.ts';
import { HttpConnection } from './http-connection.ts';
import { samePool, type PoolKey } from './pool-key.ts';
import type { ConnectionSettings } from './pooled-connection.ts';
import { TcpConnection } from './tcp-connection.ts';

export class HostPools {
  readonly #config: ClusterConfig;
  readonly #owner: PoolOwner;
  readonly #breakers: Readonly<Record<Priority, CircuitBreakers>>;
  readonly #settings: ConnectionSettings;
  readonly #transportSockets: TransportSockets;

  constructor(
    config: ClusterConfig,
    owner: PoolOwner,
    breakers: Readonly<Record<Priority, CircuitBreakers>>,
    surroundings: TlsSurroundings & {
      readonly simulation: Simulation;
      readonly namespace: NetworkNamespace;
    },
  ) {
    this.#config = config;
    this.#owner = owner;
    this.#breakers = breakers;
    this.#settings = {
      simulation: surroundings.simulation,
      namespace: surroundings.namespace,
      connectTimeoutUs: config.connectTimeoutUs,
      idleTimeoutUs: config.idleTimeoutUs,
      durationMaxUs: config.connectionDurationMaxUs,
      requestsMax: config.requestsPerConnectionMax,
      concurrentStreamsMax: config.concurrentStreamsMax,
      sourceIp: config.sourceIp,
    };
    this.#transportSockets = new TransportSockets(
      new Message(config.resource),
      surroundings,
      owner.stats.prefix,
    );
  }

  forTcp(host: Host, request: UpstreamRequest): ConnectionPool {
    return this.#pool(host, this.#key(request, 'tcp'));
  }

  forHttp(host: Host, request: UpstreamRequest): ConnectionPool {
    const { protocol } = this.#config;
    if (protocol !== 'as-downstream') return this.#pool(host, this.#key(request, protocol));
    const isHttp2 = request.downstreamVersion === 'HTTP/2';
    return this.#pool(host, this.#key(request, isHttp2 ? 'http2' : 'http1'));
  }

  /** Health checks use the host's transport socket, but no pool. */
  probeTarget(host: Host, { probe }: HealthCheckConfig): ProbeTarget {
    const { ip, port } = host.socket;
    const named = probe.kind === 'http' ? probe.host : '';
    return {
      socket: { ip, port: host.healthCheckPort ?? port },
      authority: host.healthCheckHostname || named || this.#config.name,
      transport: this.#transportSockets.forHost(host, {
        protocol: probe.kind === 'tcp' ? 'tcp' : probe.isHttp2 ? 'http2' : 'http1',
        alpn: undefined,
        serverName: '',
        mustCarryServerName: false,
      }),
    };
  }

  close(): void {
    this.#transportSockets.close();
  }

  #key(request: UpstreamRequest, protocol: PoolKey['protocol']): PoolKey {
    const { autoSni, autoSniHeader, autoSanValidation } = this.#config;
    const { requestHeaders, downstreamConnection } = request.context;
    return {
      priority: request.priority,
      protocol,
      alpn: request.alpnOverride,
      serverName: autoSni ? hostName(requestHeaders.get(autoSniHeader)) : '',
      mustCarryServerName: autoSanValidation,
      downstream: this.#config.hasConnectionPoolPerDownstream ? downstreamConnection : undefined,
    };
  }

  #pool(host: Host, key: PoolKey): ConnectionPool {
    const { pools } = host;
    for (let i = 0; i < pools.length; i++) if (samePool(pools[i]!.key, key)) return pools[i]!;
    const transport = this.#transportSockets.forHost(host, key);
    const settings = this.#settings;
    const { protocol } = key;
    const breakers = this.#breakers[key.priority];
    const pool = new ConnectionPool(host, key, breakers, this.#owner, (owner) =>
      protocol === 'tcp'
        ? new TcpConnection(owner, settings, transport)
        : new HttpConnection(owner, settings, transport, protocol),
    );
    pools.push(pool);
    return pool;
  }
}

/** The host of an authority, when it is a name: an address is no server name. */
function hostName(authority: string | undefined): string {
  const name = authority?.replace(/:\d+$/, '') ?? '';
  return /^[\d.]+$|[:\]]/.test(name) ? '' : name;
}
