/**
 * Models the container runtime of the mesh's nodes: sandboxes with a network, applications of known
 * images, sidecars, istiod.
 *
 * Spec: the kubelet's view is kube/kubelet/runtime.ts. Simplified: init containers other than
 * istio-init do nothing and end well; an application has ended when its last connection has closed.
 */
import type { ApiServer } from '../../kube/api-server.ts';
import { REGION_LABEL, ZONE_LABEL, type Node } from '../../kube/objects/cluster.ts';
import type { Container, Pod } from '../../kube/objects/pod.ts';
import type {
  ContainerCallbacks,
  ContainerHandle,
  ContainerRole,
  ContainerRuntime,
} from '../../kube/kubelet/runtime.ts';
import type { Network } from '../../sim/network/network.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { MS, SECOND, type Micros } from '../../sim/time.ts';
import type { Application, ApplicationObserver, PodFacts } from '../../workloads/application.ts';
import { createApplication, imageName } from '../../workloads/registry.ts';
import type { Resolver } from '../../workloads/http/client.ts';
import { environmentOf, expand } from './container-env.ts';
import { NodeProber } from './container-probe.ts';
import { natRulesOf } from './istio-iptables.ts';
import { PilotAgent } from './pilot-agent.ts';
import { PodSandbox } from './sandbox.ts';
import type { Sidecar } from './sidecar.ts';

/** What the mesh adds to a plain runtime: its own two images. */
export interface MeshImages {
  startSidecar(sandbox: PodSandbox): Sidecar;
  /** The istiod process of a pod; the returned function ends it. */
  startIstiod(sandbox: PodSandbox): () => void;
}

export interface PodRuntimeOptions {
  readonly api: ApiServer;
  readonly network: Network;
  readonly resolver: Resolver;
  readonly images: MeshImages;
  readonly observer: ApplicationObserver;
  readonly nextRequestId: () => number;
  /** Pods come and go: whoever draws or counts them hears of it. */
  readonly onSandboxes: () => void;
}

const INIT_US = 50 * MS;
const EXIT_LOOK_US = 20 * MS;
/** How long Envoy keeps serving after SIGTERM (terminationDrainDuration). */
const PROXY_DRAIN_US = 5 * SECOND;

export class PodRuntime implements ContainerRuntime<PodSandbox> {
  readonly #options: PodRuntimeOptions;
  readonly #sandboxes = new Map<string, PodSandbox>();
  readonly #probers = new Map<string, NodeProber>();

  constructor(options: PodRuntimeOptions) {
    this.#options = options;
  }

  /** Running pods by "NAME.NS", in the order in which they came. */
  get sandboxes(): ReadonlyMap<string, PodSandbox> {
    return this.#sandboxes;
  }

  createSandbox(pod: Pod): PodSandbox {
    const { api, network, onSandboxes } = this.#options;
    const node = api.get<Node>('Node', '', pod.spec.nodeName ?? '');
    const facts = podFacts(pod, node);
    const namespace = network.attach({
      name: `${facts.name}.${facts.namespace}`,
      ips: [facts.ip],
      region: node?.metadata.labels?.[REGION_LABEL] ?? '',
      zone: facts.zone,
      node: facts.node,
    });
    const sandbox = new PodSandbox(pod, facts, namespace);
    this.#sandboxes.set(sandbox.id, sandbox);
    onSandboxes();
    return sandbox;
  }

  removeSandbox(sandbox: PodSandbox): void {
    sandbox.network.shutdown('reset');
    this.#options.network.detach(sandbox.network);
    if (this.#sandboxes.get(sandbox.id) === sandbox) this.#sandboxes.delete(sandbox.id);
    this.#options.onSandboxes();
  }

  startContainer(
    sandbox: PodSandbox,
    container: Container,
    role: ContainerRole,
    callbacks: ContainerCallbacks,
  ): ContainerHandle {
    const image = imageName(container.image ?? '');
    if (role === 'init') return this.#startInit(sandbox, container, callbacks);
    const handle =
      image === 'proxyv2' || (container.name === 'istio-proxy' && container.args?.[0] === 'proxy')
        ? this.#startSidecar(sandbox, callbacks)
        : image === 'pilot'
          ? this.#startIstiod(sandbox, callbacks)
          : this.#startApplication(sandbox, container, callbacks);
    this.#options.onSandboxes();
    const prober = this.#proberOf(sandbox);
    let isEnding = false;
    return {
      kill: handle.kill,
      // a failed liveness probe and a deletion may both ask for it
      terminate: (graceUs) => {
        if (!isEnding) handle.terminate(graceUs);
        isEnding = true;
      },
      probe: (action, timeoutUs, done) => prober.probe(sandbox.facts.ip, action, timeoutUs, done),
      runHook: (_hook, done) => done(),
    };
  }

  #startInit(
    sandbox: PodSandbox,
    container: Container,
    callbacks: ContainerCallbacks,
  ): ContainerHandle {
    const { simulation } = this.#options.network;
    if (container.args?.[0] === 'istio-iptables')
      sandbox.network.nat = natRulesOf(sandbox.pod.metadata.annotations ?? {});
    const timer = simulation.schedule(INIT_US, exit, callbacks, 0);
    return {
      terminate: () => void (simulation.cancel(timer) && callbacks.onExit(143)),
      kill: () => void simulation.cancel(timer),
      probe: (_action, _timeoutUs, done) => done(true),
      runHook: (_hook, done) => done(),
    };
  }

  #startSidecar(
    sandbox: PodSandbox,
    callbacks: ContainerCallbacks,
  ): Pick<ContainerHandle, 'terminate' | 'kill'> {
    const { simulation } = this.#options.network;
    const sidecar = this.#options.images.startSidecar(sandbox);
    const agent = new PilotAgent(sandbox.network, sandbox.pod, () => sidecar.isReady);
    sandbox.sidecar = sidecar;
    sidecar.start();
    const end = () => {
      agent.stop();
      sidecar.stop();
      if (sandbox.sidecar === sidecar) sandbox.sidecar = undefined;
    };
    return {
      terminate: (graceUs) => {
        sidecar.drain(PROXY_DRAIN_US);
        simulation.schedule(Math.min(graceUs, PROXY_DRAIN_US), endAndExit, end, callbacks);
      },
      kill: end,
    };
  }

  #startIstiod(
    sandbox: PodSandbox,
    callbacks: ContainerCallbacks,
  ): Pick<ContainerHandle, 'terminate' | 'kill'> {
    const end = this.#options.images.startIstiod(sandbox);
    return {
      terminate: () => {
        end();
        callbacks.onExit(0);
      },
      kill: end,
    };
  }

  #startApplication(
    sandbox: PodSandbox,
    container: Container,
    callbacks: ContainerCallbacks,
  ): Pick<ContainerHandle, 'terminate' | 'kill'> {
    const { simulation } = this.#options.network;
    const application = this.#application(sandbox, container);
    sandbox.applications.set(container.name, application);
    application.start();
    return {
      terminate: (graceUs) => {
        application.stop(graceUs);
        sandbox.applications.delete(container.name);
        const leaving: Leaving = {
          sandbox,
          ports: (container.ports ?? []).map(({ containerPort }) => containerPort),
          deadlineUs: simulation.now + graceUs,
        };
        simulation.schedule(EXIT_LOOK_US, exitWhenIdle, leaving, callbacks);
      },
      kill: () => {
        application.stop(0);
        sandbox.applications.delete(container.name);
      },
    };
  }

  #application(sandbox: PodSandbox, container: Container): Application {
    const { api, network, resolver, observer } = this.#options;
    const { simulation } = network;
    const env = environmentOf(container, sandbox.facts, api);
    const filled = (texts: readonly string[] = []) => texts.map((text) => expand(text, env));
    return createApplication(container.image ?? '', {
      simulation,
      network: sandbox.network,
      pod: sandbox.facts,
      container: {
        name: container.name,
        image: container.image ?? '',
        command: filled(container.command),
        args: filled(container.args),
        env,
        ports: (container.ports ?? []).map(({ name = '', containerPort }) => ({
          name,
          containerPort,
        })),
      },
      resolver,
      impairment: sandbox.impairment,
      random: simulation.random(`pod/${sandbox.id}/${container.name}`),
      nextRequestId: this.#options.nextRequestId,
      log: (line) => sandbox.log(container.name, line),
      observer,
    });
  }

  /** Probes come from the pod's node. */
  #proberOf({ facts, network }: PodSandbox): NodeProber {
    let prober = this.#probers.get(facts.node);
    if (!prober) {
      prober = new NodeProber(this.#nodeNetwork(facts.node, network));
      this.#probers.set(facts.node, prober);
    }
    return prober;
  }

  #nodeNetwork(name: string, likePod: NetworkNamespace): NetworkNamespace {
    return this.#options.network.attach({
      name: `node/${name}`,
      ips: [`172.18.${this.#probers.size >> 8}.${(this.#probers.size & 255) + 2}`],
      region: likePod.region,
      zone: likePod.zone,
      node: name,
    });
  }
}

interface Leaving {
  readonly sandbox: PodSandbox;
  readonly ports: readonly number[];
  readonly deadlineUs: Micros;
}

/** The process ends when nobody is connected to it any more, at the latest when its grace is over. */
function exitWhenIdle(leaving: Leaving, callbacks: ContainerCallbacks): void {
  const { simulation } = leaving.sandbox.network.network;
  const isServing = [...leaving.sandbox.network.connections].some(
    ({ side, local }) => side === 'application' && leaving.ports.includes(local.port),
  );
  if (isServing && simulation.now < leaving.deadlineUs)
    simulation.schedule(EXIT_LOOK_US, exitWhenIdle, leaving, callbacks);
  else callbacks.onExit(0);
}

function exit(callbacks: ContainerCallbacks, code: number): void {
  callbacks.onExit(code);
}

function endAndExit(end: () => void, callbacks: ContainerCallbacks): void {
  end();
  callbacks.onExit(0);
}

function podFacts(pod: Pod, node: Node | undefined): PodFacts {
  const { name, namespace = 'default', labels = {} } = pod.metadata;
  return {
    name,
    namespace,
    ip: pod.status?.podIP ?? '',
    labels,
    serviceAccount: pod.spec.serviceAccountName ?? 'default',
    node: pod.spec.nodeName ?? '',
    zone: node?.metadata.labels?.[ZONE_LABEL] ?? '',
  };
}
