/** A client side and some backends on a simulated network, for tests of the upstream half. */
import { HeaderMap } from '../../../src/proxy/http/header-map.ts';
import { StatsStore } from '../../../src/proxy/stats.ts';
import {
  createClusterManager,
  type Clusters,
  type ClusterManagerOptions,
} from '../../../src/proxy/upstream/cluster-manager.ts';
import type {
  LoadBalancerContext,
  PendingStream,
  StreamRefusal,
  UpstreamCallbacks,
  UpstreamConnectionInfo,
  UpstreamRequest,
  UpstreamStream,
} from '../../../src/proxy/upstream/contract.ts';
import type { HttpRequestMessage } from '../../../src/proxy/wire.ts';
import type { ConnectionEnd, ConnectionHandler } from '../../../src/sim/network/connection.ts';
import type { NetworkNamespace } from '../../../src/sim/network/namespace.ts';
import { Network } from '../../../src/sim/network/network.ts';
import { Simulation } from '../../../src/sim/simulation.ts';
import { MS } from '../../../src/sim/time.ts';

export interface Answer {
  status: number;
  delayMs?: number;
  close?: 'fin' | 'reset';
  headers?: [string, string][];
}

/** An HTTP server that answers each request by a rule. */
export class Backend implements ConnectionHandler {
  readonly namespace: NetworkNamespace;
  readonly requests: HttpRequestMessage[] = [];
  connections = 0;
  answer: (request: HttpRequestMessage, n: number) => Answer = () => ({ status: 200 });

  constructor(namespace: NetworkNamespace, port = 80) {
    this.namespace = namespace;
    namespace.listen(port, () => {
      this.connections += 1;
      return this;
    });
  }

  onConnected(): void {}
  onConnectFailed(): void {}
  onMessage(end: ConnectionEnd, message: { type: string }): void {
    if (message.type !== 'request') return;
    const request = message as HttpRequestMessage;
    this.requests.push(request);
    const answer = this.answer(request, this.requests.length);
    this.namespace.network.simulation.schedule(
      (answer.delayMs ?? 0) * MS,
      () => {
        if (answer.close === 'reset') return end.reset();
        if (answer.close === 'fin') return end.close();
        end.write({
          type: 'response',
          version: request.version,
          stream: request.stream,
          headers: HeaderMap.of([[':status', String(answer.status)], ...(answer.headers ?? [])]),
          body: 'ok',
          endStream: true,
          requestId: request.requestId,
        } as never);
      },
      undefined,
      undefined,
    );
  }
  onClosed(end: ConnectionEnd): void {
    end.close();
  }
}

/** What became of one request. */
export class Attempt implements UpstreamCallbacks {
  host = '';
  status = 0;
  failure = '';
  reset = '';
  transportFailure = '';
  info: UpstreamConnectionInfo | undefined;
  stream: UpstreamStream | undefined;
  pending: PendingStream | StreamRefusal | undefined;

  onPoolReady(stream: UpstreamStream, connection: UpstreamConnectionInfo): void {
    this.stream = stream;
    this.info = connection;
    this.host = connection.host.address;
    stream.encodeHeaders(
      HeaderMap.of([
        [':method', 'GET'],
        [':path', '/'],
        [':authority', 'a'],
      ]),
      '',
      true,
      undefined,
    );
  }
  onPoolFailure(reason: string, transportFailureReason: string): void {
    this.failure = reason;
    this.transportFailure = transportFailureReason;
  }
  onResponseHeaders(headers: HeaderMap): void {
    this.status = Number(headers.get(':status'));
  }
  onResponseData(): void {}
  onResponseTrailers(): void {}
  onReset(reason: string, transportFailureReason: string): void {
    this.reset = reason;
    this.transportFailure = transportFailureReason;
  }
}

export class Bench {
  readonly simulation = new Simulation(1);
  readonly network = new Network(this.simulation);
  readonly stats = new StatsStore(this.simulation);
  readonly client = this.network.attach({ name: 'client.test', ips: ['10.0.0.1'] });
  readonly clusters: Clusters;
  readonly backends: Backend[] = [];

  constructor(options: Partial<ClusterManagerOptions> = {}) {
    this.clusters = createClusterManager({
      simulation: this.simulation,
      namespace: this.client,
      stats: this.stats,
      node: 'client.test',
      randomName: 'client.test',
      ...options,
    });
  }

  /** Backends 10.0.1.1, 10.0.1.2 … on port 80. */
  start(count: number): Backend[] {
    for (let i = 1; i <= count; i++)
      this.backends.push(
        new Backend(this.network.attach({ name: `b${i}.test`, ips: [`10.0.1.${i}`] })),
      );
    return this.backends;
  }

  /** Sends a request to a cluster; run the simulation to see what becomes of it. */
  send(
    cluster: string,
    context: Partial<LoadBalancerContext> = {},
    more: Partial<UpstreamRequest> = {},
  ): Attempt {
    const attempt = new Attempt();
    attempt.pending = this.clusters.cluster(cluster)?.newHttpStream(
      {
        context: { ...CONTEXT, ...context },
        priority: 'default',
        downstreamVersion: 'HTTP/1.1',
        alpnOverride: undefined,
        requestedServerName: '',
        requestId: 0,
        journal: undefined,
        ...more,
      },
      attempt,
    );
    return attempt;
  }

  /** Sends one request and lets it end. */
  call(cluster: string, context: Partial<LoadBalancerContext> = {}): Attempt {
    const attempt = this.send(cluster, context);
    this.run(100);
    return attempt;
  }

  run(ms: number): void {
    this.simulation.runUntil(this.simulation.now + ms * MS);
  }

  stat(name: string): number | undefined {
    return this.stats.value(name);
  }
}

const CONTEXT: LoadBalancerContext = {
  hashKey: undefined,
  metadataMatch: undefined,
  requestHeaders: new HeaderMap(),
  downstreamConnection: undefined,
  hostsTried: [],
  rejectHost: undefined,
  hostSelectionAttemptsMax: 0,
  prioritiesTried: [],
};

/** A load assignment of hosts 10.0.1.1 … 10.0.1.count. */
export function assignment(name: string, count: number, port = 80): Record<string, unknown> {
  return {
    cluster_name: name,
    endpoints: [
      { lb_endpoints: Array.from({ length: count }, (_, i) => endpoint(`10.0.1.${i + 1}`, port)) },
    ],
  };
}

export function endpoint(ip: string, port = 80): Record<string, unknown> {
  return {
    endpoint: { address: { socket_address: { address: ip, port_value: port } } },
  };
}
