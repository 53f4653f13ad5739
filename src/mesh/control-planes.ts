/**
 * Models the istiods of a mesh: one process a pod, one certificate authority, one view of the world.
 *
 * Spec: Istio's istiod Deployment. Simplified: the replicas share the root key from the start (in a
 * cluster through the secret istio-ca-secret); the leader does nothing that others do not.
 */
import { CertificateAuthority } from '../ca/certificate-authority.ts';
import { readPluggedInAuthority } from '../ca/plugged-in-authority.ts';
import { IstioConfigGenerator } from '../control-plane/config-generator.ts';
import { meshConfigOf } from './mesh-config.ts';
import { istiodOptionsFromEnvironment } from '../control-plane/discovery/environment.ts';
import { Istiod } from '../control-plane/discovery/istiod.ts';
import type { ProxyStatus } from '../control-plane/discovery/proxy-status.ts';
import type { PushContext } from '../control-plane/push/push-context.ts';
import type { ApiServer } from '../kube/api-server.ts';
import type { Secret } from '../kube/objects/cluster.ts';
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
  ...['HTTPRoute', 'GRPCRoute', 'ReferenceGrant', 'Gateway.gateway.networking.k8s.io'],
];

/** Where istiod answers its own readiness probe. */
const DEBUG_PORT = 8080;
const TEXT = [['content-type', 'text/plain; charset=utf-8']] as const;

export class ControlPlanes {
  readonly #api: ApiServer;
  readonly #trustDomain: string;
  readonly #createdAtMs: number;
  #authority: CertificateAuthority | undefined = undefined;
  /** Why the secret `cacerts` is not used. */
  #authorityProblem: string | undefined = undefined;
  readonly #running = new Map<string, Istiod<PushContext>>();

  constructor(api: ApiServer, trustDomain: string) {
    this.#api = api;
    this.#trustDomain = trustDomain;
    this.#createdAtMs = wallClockMs(api.simulation.now);
    for (const kind of WATCHED) this.#watch(kind);
  }

  get isRunning(): boolean {
    return this.#running.size > 0;
  }

  get istiods(): readonly Istiod<PushContext>[] {
    return [...this.#running.values()];
  }

  /** Of all istiods; the first that starts reads what an operator plugged in. */
  get authority(): CertificateAuthority {
    this.#authority ??= this.#newAuthority();
    return this.#authority;
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

  #newAuthority(): CertificateAuthority {
    const { simulation } = this.#api;
    const files = this.#api.get<Secret>('Secret', 'istio-system', 'cacerts');
    const read = files && readPluggedInAuthority(plainFiles(files), wallClockMs(simulation.now));
    if (read && !read.ok) this.#authorityProblem = `secret cacerts is not used: ${read.problem}`;
    return new CertificateAuthority(simulation.random('ca'), {
      trustDomain: this.#trustDomain,
      createdAtMs: this.#createdAtMs,
      pluggedIn: read?.ok ? read.authority : undefined,
    });
  }

  #newIstiod(sandbox: PodSandbox): Istiod<PushContext> {
    const api = this.#api;
    const [container] = sandbox.pod.spec.containers;
    const { options, features, problems } = istiodOptionsFromEnvironment(
      container ? environmentOf(container, sandbox.facts, api) : new Map<string, string>(),
    );
    const { authority } = this;
    const now = isoTimestamp(api.simulation.now);
    for (const problem of [
      ...problems,
      ...(this.#authorityProblem ? [this.#authorityProblem] : []),
    ])
      sandbox.log(container?.name ?? 'discovery', `${now}\twarn\t${problem}`);
    const generator = new IstioConfigGenerator({
      objects: () => WATCHED.flatMap((watched) => api.list(watched)),
      meshConfig: () => meshConfigOf(api),
      features,
    });
    return new Istiod(sandbox.network, generator, authority, options);
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

/** `data` is base64; what was written as `stringData` may still be plain. */
function plainFiles({ data = {}, stringData = {} }: Secret): Record<string, string> {
  const plain = Object.entries(data).map(([name, text]): [string, string] => {
    const body = text.replace(/\s+/g, '');
    const isBase64 = body.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(body);
    return [name, isBase64 ? atob(body) : text];
  });
  return { ...Object.fromEntries(plain), ...stringData };
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
