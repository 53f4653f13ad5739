/**
 * Models the istiod process: it hears of changes, waits for quiet, rebuilds its view of the world and
 * pushes to every connected proxy what changed for it.
 *
 * Spec: istio pilot/pkg/xds/{discovery,ads,pushqueue}.go. Simplified: work takes a stated time
 * (rebuild 10 ms; a push 1 ms and 2 µs a resource) whatever the machine; new streams are not
 * throttled; a resource equal to the one sent before is not sent again, where istiod decides by which
 * kind of config changed.
 */
import type { CertificateAuthority } from '../../ca/certificate-authority.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { isoTimestamp, MS, type Micros } from '../../sim/time.ts';
import { AdsServer, type AdsServerStream } from '../../xds/ads-server.ts';
import { XDS_TYPES, type XdsType } from '../../xds/type-url.ts';
import type { Resource } from '../../xds/resources/resource.ts';
import type { ConfigChange, ConfigGenerator } from './config-generator.ts';
import { Debounce, DEBOUNCE_AFTER_US, DEBOUNCE_MAX_US } from './debounce.ts';
import { ProxyConnection, type PreparedResponse } from './proxy-connection.ts';
import { parseProxyNode } from './proxy-node.ts';
import { proxyStatus, type ProxyStatus } from './proxy-status.ts';
import { PushQueue } from './push-queue.ts';
import type { PushRequest } from './push-request.ts';
import { DEFAULT_REVISION, revisionOf } from './revision.ts';
import { WORKLOAD_LIFETIME_US, WorkloadSecrets } from './workload-secrets.ts';

export interface IstiodOptions {
  readonly port: number;
  /** Its proxies are those of the same revision. */
  readonly revision: string;
  readonly debounceAfterUs: Micros;
  readonly debounceMaxUs: Micros;
  /** PILOT_PUSH_THROTTLE: 15 + 5 × cores, at most 100. */
  readonly pushesAtOnceMax: number;
  /** DEFAULT_WORKLOAD_CERT_TTL */
  readonly certificateLifetimeUs: Micros;
  readonly rebuildUs: Micros;
  readonly pushUs: Micros;
  readonly pushUsPerResource: Micros;
}

export const DEFAULT_ISTIOD_OPTIONS: IstiodOptions = {
  port: 15012,
  revision: DEFAULT_REVISION,
  debounceAfterUs: DEBOUNCE_AFTER_US,
  debounceMaxUs: DEBOUNCE_MAX_US,
  pushesAtOnceMax: 25,
  certificateLifetimeUs: WORKLOAD_LIFETIME_US,
  rebuildUs: 10 * MS,
  pushUs: 1 * MS,
  pushUsPerResource: 2,
};

interface Work {
  readonly connection: ProxyConnection;
  readonly version: string;
  readonly responses: readonly PreparedResponse[];
  /** The queue waits for it. */
  readonly isPush: boolean;
}

export class Istiod<Push> {
  /** The name of its pod. */
  readonly name: string;
  readonly #simulation: Simulation;
  readonly #generator: ConfigGenerator<Push>;
  readonly #options: IstiodOptions;
  readonly #server: AdsServer;
  readonly #debounce: Debounce;
  readonly #queue: PushQueue<ProxyConnection>;
  readonly #secrets: WorkloadSecrets;
  readonly #connections = new Map<AdsServerStream, ProxyConnection>();
  #changes: ConfigChange[] = [];
  #push: Push | undefined = undefined;
  #pushNumber = 0;
  #version = '';
  /** The newest view, maybe not being pushed yet. */
  #rebuilt: Push | undefined = undefined;
  #state: 'new' | 'running' | 'stopped' = 'new';

  constructor(
    namespace: NetworkNamespace,
    generator: ConfigGenerator<Push>,
    authority: CertificateAuthority,
    options: Partial<IstiodOptions> = {},
  ) {
    this.name = namespace.name;
    this.#simulation = namespace.network.simulation;
    this.#generator = generator;
    this.#options = { ...DEFAULT_ISTIOD_OPTIONS, ...options };
    this.#server = new AdsServer(namespace, this.#options.port, this);
    const { debounceAfterUs, debounceMaxUs, pushesAtOnceMax } = this.#options;
    this.#debounce = new Debounce(this.#simulation, debounceAfterUs, debounceMaxUs, () =>
      this.#rebuild(),
    );
    this.#queue = new PushQueue(pushesAtOnceMax, (connection, request) =>
      this.#startPush(connection, request),
    );
    this.#secrets = new WorkloadSecrets(
      this.#simulation,
      authority,
      (connection, secret) => connection.send({ type: 'SDS', resources: [secret] }, this.#version),
      this.#options.certificateLifetimeUs,
    );
  }

  /** Reads the state of the world and listens. Once: a new process is a new Istiod. */
  start(): void {
    this.#simulation.assert(this.#state === 'new', `${this.name} has been started before`);
    this.#state = 'running';
    this.#rebuilt = this.#generator.rebuild();
    this.#takeOver(this.#rebuilt);
    this.#server.start();
  }

  /** The process ends: streams are closed, timers are gone, the state is forgotten. */
  stop(): void {
    this.#state = 'stopped';
    this.#debounce.cancel();
    this.#queue.clear();
    this.#changes = [];
    this.#push = this.#rebuilt = undefined;
    this.#server.stop();
  }

  /** An object was added, changed or deleted. For an EndpointSlice, `name` is its service's. */
  configChanged(kind: string, name: string, namespace: string): void {
    if (this.#state !== 'running') return;
    this.#changes.push({ kind, name, namespace });
    this.#debounce.event();
  }

  /** The version of the state of the world that is being pushed, e.g. "2026-01-01T00:00:12Z/5". */
  get version(): string {
    return this.#version;
  }

  /** The builders' view that is being pushed; undefined while it does not run. */
  get pushContext(): Push | undefined {
    return this.#push;
  }

  /** Nothing is waiting to be rebuilt or pushed. */
  get isIdle(): boolean {
    return this.#changes.length === 0 && this.#queue.size === 0;
  }

  /** One row a connected proxy. */
  proxyStatus(): ProxyStatus[] {
    return [...this.#connections.values()].map((one) => proxyStatus(one, this.name));
  }

  streamOpened(stream: AdsServerStream): boolean {
    const proxy = parseProxyNode(stream.node);
    if (!proxy || revisionOf(proxy) !== this.#options.revision) return false;
    this.#connections.set(stream, new ProxyConnection(stream, proxy));
    return true;
  }

  subscribed(stream: AdsServerStream, type: XdsType, added: readonly string[]): void {
    const connection = this.#connections.get(stream)!;
    connection.ask(type, added);
    this.#answer(connection);
  }

  answered(stream: AdsServerStream, type: XdsType, error: string | undefined): void {
    // The stream remembers; nothing waits for an answer.
    if (error !== undefined) this.#connections.get(stream)?.rejected(type);
  }

  streamClosed(stream: AdsServerStream): void {
    const connection = this.#connections.get(stream);
    if (!connection) return;
    this.#connections.delete(stream);
    this.#secrets.forget(connection);
    this.#queue.forget(connection);
  }

  /** It was quiet for long enough. */
  #rebuild(): void {
    const changes = this.#changes;
    this.#changes = [];
    this.#rebuilt = this.#generator.rebuild(changes, this.#rebuilt);
    this.#simulation.schedule(this.#options.rebuildUs, this.#pushToAll, this.#rebuilt, changes);
  }

  readonly #pushToAll = (push: Push, changes: readonly ConfigChange[]): void => {
    if (this.#state !== 'running') return;
    this.#takeOver(push);
    const request: PushRequest = { changes, endpointHosts: this.#endpointHosts(changes, push) };
    for (const connection of this.#connections.values()) this.#queue.enqueue(connection, request);
  };

  #takeOver(push: Push): void {
    const second = isoTimestamp(this.#simulation.now).slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
    this.#push = push;
    this.#version = `${second}Z/${++this.#pushNumber}`;
  }

  #endpointHosts(changes: readonly ConfigChange[], push: Push): ReadonlySet<string> | undefined {
    const hosts = new Set<string>();
    for (const change of changes) {
      const of = this.#generator.endpointHosts
        ? this.#generator.endpointHosts(change, push)
        : hostsOfEndpointSlice(change);
      if (!of) return undefined;
      for (const host of of) hosts.add(host);
    }
    return hosts;
  }

  #startPush(connection: ProxyConnection, request: PushRequest): void {
    if (connection.isBusy) {
      // A subscription is being answered; that takes no longer than a push.
      this.#simulation.schedule(this.#options.pushUs, this.#startPushLater, connection, request);
      return;
    }
    const responses = this.#updates(connection, request);
    this.#startWork({ connection, version: this.#version, responses, isPush: true });
  }

  readonly #startPushLater = (connection: ProxyConnection, request: PushRequest): void => {
    if (this.#state === 'running' && !connection.stream.isClosed)
      this.#startPush(connection, request);
  };

  #updates(connection: ProxyConnection, request: PushRequest): PreparedResponse[] {
    const generate = this.#generateFor(connection);
    if (request.endpointHosts) return connection.endpointUpdates(request.endpointHosts, generate);
    const types = this.#generator.typesToPush
      ? this.#generator.typesToPush(connection.proxy, request.changes, this.#push!)
      : XDS_TYPES;
    return connection.updates(types, generate);
  }

  /** Answers what a proxy asked for, as soon as nothing else is under way for it. */
  #answer(connection: ProxyConnection): void {
    if (connection.isBusy || !connection.isAsking) return;
    const responses = connection.answers(this.#generateFor(connection));
    this.#startWork({ connection, version: this.#version, responses, isPush: false });
  }

  #startWork(work: Work): void {
    const { pushUs, pushUsPerResource } = this.#options;
    const count = work.responses.reduce((sum, { resources }) => sum + resources.length, 0);
    const costUs = work.responses.length === 0 ? 0 : pushUs + count * pushUsPerResource;
    work.connection.isBusy = true;
    this.#simulation.schedule(costUs, this.#finishWork, work, undefined);
  }

  readonly #finishWork = ({ connection, version, responses, isPush }: Work): void => {
    connection.isBusy = false;
    if (this.#state !== 'running' || connection.stream.isClosed) return;
    for (const { type, resources, removed } of responses)
      connection.stream.send(type, version, resources, removed);
    if (isPush) this.#queue.done(connection);
    this.#answer(connection);
  };

  #generateFor(connection: ProxyConnection) {
    return (type: XdsType, names: readonly string[]): readonly Resource[] => {
      if (type !== 'SDS')
        return this.#generator.generate(type, connection.proxy, names, this.#push!);
      const { own, others } = this.#secrets.of(connection, names);
      if (others.length === 0) return own;
      return [...own, ...this.#generator.generate('SDS', connection.proxy, others, this.#push!)];
    };
  }
}

function hostsOfEndpointSlice({ kind, name, namespace }: ConfigChange): string[] | undefined {
  return kind === 'EndpointSlice' ? [`${name}.${namespace}.svc.cluster.local`] : undefined;
}
