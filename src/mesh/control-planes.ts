/**
 * Models the istiods of a mesh: one process a pod, one certificate authority, one view of the world.
 *
 * Spec: Istio's istiod Deployment. Simplified: the replicas share the root key from the start (in a
 * cluster through the secret istio-ca-secret); the leader does nothing that others do not.
 */
import { CertificateAuthority } from '../ca/certificate-authority.ts';
import { IstioConfigGenerator } from '../control-plane/config-generator.ts';
import { meshConfigOf } from './mesh-config.ts';
import { istiodOptionsFromEnvironment } from '../control-plane/discovery/environment.ts';
import { Istiod } from '../control-plane/discovery/istiod.ts';
import type { ProxyStatus } from '../control-plane/discovery/proxy-status.ts';
import type { PushContext } from '../control-plane/push/push-context.ts';
import type { ApiServer } from '../kube/api-server.ts';
import { SERVICE_NAME_LABEL } from '../kube/objects/service.ts';
import type { KubeObject } from '../kube/objects/metadata.ts';
import { isoTimestamp, wallClockMs } from '../sim/time.ts';
import { HttpServer } from '../workloads/http/server.ts';
import { environmentOf } from './pod/container-env.ts';
import type { PodSandbox } from './pod/sandbox.ts';

/** Kinds that istiod watches. */
const WATCHED = [
  ...['Service', 'EndpointSlice', 'Pod', 'Node', 'Namespace', 'ConfigMap', 'Secret', 'Ingress'],
  ...['VirtualService', 'DestinationRule', 'Gateway', 'ServiceEntry', 'WorkloadEntry'],
  ...['WorkloadGroup', 'Sidecar', 'EnvoyFilter', 'ProxyConfig', 'PeerAuthentication'],
  ...['RequestAuthentication', 'AuthorizationPolicy', 'Telemetry', 'WasmPlugin'],
];

/** Where istiod answers its own readiness probe. */
const DEBUG_PORT = 8080;
const TEXT = [['content-type', 'text/plain; charset=utf-8']] as const;

export class ControlPlanes {
  readonly #api: ApiServer;
  readonly #authority: CertificateAuthority;
  readonly #running = new Map<string, Istiod<PushContext>>();

  constructor(api: ApiServer, trustDomain: string) {
    const { simulation } = api;
    this.#api = api;
    this.#authority = new CertificateAuthority(simulation.random('ca'), {
      trustDomain,
      createdAtMs: wallClockMs(simulation.now),
    });
    for (const kind of WATCHED) this.#watch(kind);
  }

  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  get istiods(): readonly Istiod<PushContext>[] {
    return [...this.#running.values()];
  }

  /** The process of a pod begins; the returned function ends it. */
  start(sandbox: PodSandbox): () => void {
    const { id, network } = sandbox;
    const istiod = this.#newIstiod(sandbox);
    this.#running.set(id, istiod);
    istiod.start();
    const debug = new HttpServer(network, (exchange) =>
      exchange.respond(exchange.path === '/ready' ? 200 : 404, TEXT, ''),
    );
    debug.listen(DEBUG_PORT);
    return () => {
      if (this.#running.get(id) !== istiod) return;
      this.#running.delete(id);
      debug.stop(0);
      istiod.stop();
    };
  }

  /** One row a connected proxy, of all istiods. */
  proxyStatus(): ProxyStatus[] {
    return this.istiods.flatMap((istiod) => istiod.proxyStatus());
  }

  #newIstiod(sandbox: PodSandbox): Istiod<PushContext> {
    const api = this.#api;
    const [container] = sandbox.pod.spec.containers;
    const { options, features, problems } = istiodOptionsFromEnvironment(
      container ? environmentOf(container, sandbox.facts, api) : new Map<string, string>(),
    );
    const now = isoTimestamp(api.simulation.now);
    for (const problem of problems)
      sandbox.log(container?.name ?? 'discovery', `${now}\twarn\t${problem}`);
    const generator = new IstioConfigGenerator({
      objects: () => WATCHED.flatMap((watched) => api.list(watched)),
      meshConfig: () => meshConfigOf(api),
      features,
    });
    return new Istiod(sandbox.network, generator, this.#authority, options);
  }

  #watch(kind: string): void {
    this.#api.watch(kind, ({ type, object, old }) => {
      if (type === 'MODIFIED' && old && !concernsProxies(kind, object, old)) return;
      const { name, namespace = '' } = object.metadata;
      const subject =
        kind === 'EndpointSlice' ? (object.metadata.labels?.[SERVICE_NAME_LABEL] ?? name) : name;
      for (const istiod of this.#running.values()) istiod.configChanged(kind, subject, namespace);
    });
  }
}

/** Most changes of a pod's or a service's status mean nothing to a proxy. */
function concernsProxies(kind: string, object: KubeObject, old: KubeObject): boolean {
  if (kind === 'Pod') {
    const ip = ({ status }: KubeObject) => (status as { podIP?: string } | undefined)?.podIP;
    return ip(object) !== ip(old) || object.metadata.labels !== old.metadata.labels;
  }
  if (kind === 'EndpointSlice' || kind === 'ConfigMap' || kind === 'Secret') return true;
  return object.spec !== old.spec || object.metadata.labels !== old.metadata.labels;
}
