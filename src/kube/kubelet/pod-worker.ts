/**
 * Models the life of one pod on its node, from the sandbox to the end of its grace period.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/.
 * Simplified: init containers and main containers are started one after the other, as the kubelet
 * does; native sidecars are stopped after the main containers, all at once.
 */
import type { ApiServer } from '../api-server.ts';
import { timestamp } from '../api/timestamp.ts';
import type { Pod } from '../objects/pod.ts';
import { RandomStream } from '../../sim/random.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import { ContainerWorker, type ContainerHost } from './container-worker.ts';
import { podStatus } from './pod-status.ts';
import { recordContainer, recordPhase, recordReady } from './pod-trace.ts';
import type { ContainerHandle, ContainerRuntime } from './runtime.ts';
import { draw, type KubeletTiming } from './timing.ts';
import type { Node } from '../objects/cluster.ts';

/** What a pod needs of its node. */
export interface PodHost {
  readonly api: ApiServer;
  readonly runtime: ContainerRuntime;
  readonly timing: KubeletTiming;
  allocateIp(pod: Pod): string;
  releaseIp(ip: string): void;
  /** Nothing is left of the pod. */
  gone(worker: PodWorker): void;
}

export class PodWorker implements ContainerHost {
  readonly simulation: Simulation;
  readonly timing: KubeletTiming;
  readonly chance: RandomStream;
  readonly restartPolicy: string;
  readonly gracePeriodUs: Micros;
  readonly namespace: string;
  readonly name: string;
  readonly #host: PodHost;
  readonly #pod: Pod;
  readonly #startTime: string;
  readonly #init: ContainerWorker[] = [];
  readonly #main: ContainerWorker[] = [];
  #sandbox: { readonly handle: unknown } | undefined;
  #ip: string | undefined;
  #isInitialized = false;
  #isStopping = false;
  #isGone = false;
  #isStatusDue = false;

  constructor(host: PodHost, pod: Pod) {
    const { namespace, name } = pod.metadata;
    this.#host = host;
    this.#pod = pod;
    this.namespace = namespace!;
    this.name = name;
    this.simulation = host.api.simulation;
    this.timing = host.timing;
    this.chance = new RandomStream(this.simulation.seed, `kubelet/${namespace}/${name}`);
    this.restartPolicy = pod.spec.restartPolicy ?? 'Always';
    this.gracePeriodUs = (pod.spec.terminationGracePeriodSeconds ?? 30) * SECOND;
    this.#startTime = timestamp(this.simulation.now);
    for (const container of pod.spec.initContainers ?? []) {
      const role = container.restartPolicy === 'Always' ? 'sidecar' : 'init';
      this.#init.push(new ContainerWorker(this, container, role));
    }
    for (const container of pod.spec.containers)
      this.#main.push(new ContainerWorker(this, container, 'main'));
    recordPhase(this.simulation, this.key, 'Pending');
    const delayUs = draw(this.timing.sandbox, this.chance);
    this.simulation.schedule(delayUs, this.#createSandbox, undefined, undefined);
    this.changed();
  }

  get key(): string {
    return `${this.namespace}/${this.name}`;
  }

  get uid(): string {
    return this.#pod.metadata.uid!;
  }

  /** Graceful: hooks and SIGTERM, at most `graceUs`. May be called again with less. */
  stop(graceUs: Micros): void {
    this.#isStopping = true;
    const main = this.#main.filter((worker) => worker.isRunning);
    const rest = this.#init.filter((worker) => worker.isRunning);
    const deadline = this.simulation.now + graceUs;
    stopAll(main.length > 0 ? main : this.#main, graceUs, () => {
      const leftUs = Math.max(0, deadline - this.simulation.now);
      stopAll(rest.length > 0 ? rest : this.#init, leftUs, () => this.#finish());
    });
  }

  /** At once: the pod has vanished from the API, or its node has. */
  kill(): void {
    if (this.#isGone) return;
    this.#isStopping = true;
    for (const worker of [...this.#main, ...this.#init]) {
      worker.stop(0, () => undefined);
      worker.crash(137);
    }
    this.#finish();
  }

  /** A container ends with `exitCode` as if by itself. False when it is not running. */
  crashContainer(name: string, exitCode: number): boolean {
    const worker = [...this.#main, ...this.#init].find(
      ({ container, isRunning }) => container.name === name && isRunning,
    );
    worker?.crash(exitCode);
    return worker !== undefined;
  }

  launch(worker: ContainerWorker, onExit: (exitCode: number) => void): ContainerHandle {
    recordContainer(this.simulation, this.key, worker.container.name, 'started', 0);
    const sandbox = this.#sandbox!.handle;
    return this.#host.runtime.startContainer(sandbox, worker.container, worker.role, { onExit });
  }

  /** A finished init container makes room for the next. */
  exited(worker: ContainerWorker, exitCode: number): void {
    recordContainer(this.simulation, this.key, worker.container.name, 'exited', exitCode);
    if (worker.role === 'init' && exitCode === 0 && !this.#isStopping) this.#startNext();
  }

  /** Writes the status a moment later; several changes at once make one write. */
  changed(): void {
    if (this.#isStatusDue || this.#isGone) return;
    this.#isStatusDue = true;
    this.simulation.schedule(this.timing.statusUs, this.#writeStatus, undefined, undefined);
  }

  readonly #createSandbox = (): void => {
    if (this.#isStopping) return;
    this.#ip = this.#host.allocateIp(this.#pod);
    const { status } = this.#pod;
    const pod = {
      ...this.#pod,
      status: { ...status, podIP: this.#ip, podIPs: [{ ip: this.#ip }] },
    };
    this.#sandbox = { handle: this.#host.runtime.createSandbox(pod) };
    this.#startNext();
  };

  #startNext(): void {
    if (this.#isStopping) return;
    for (const worker of this.#init) {
      if (worker.role === 'init' && worker.exitCode === 0) continue;
      if (worker.role === 'sidecar' && worker.hasRun) continue;
      if (!worker.isRunning && worker.exitCode === undefined)
        worker.start(() => {
          if (worker.role === 'sidecar') this.#startNext();
        });
      return;
    }
    if (this.#isInitialized) return;
    this.#isInitialized = true;
    this.#startMain(0);
  }

  #startMain(index: number): void {
    this.#main[index]?.start(() => this.#startMain(index + 1));
  }

  #finish(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    if (this.#sandbox) this.#host.runtime.removeSandbox(this.#sandbox.handle);
    if (this.#ip) this.#host.releaseIp(this.#ip);
    this.#host.gone(this);
  }

  readonly #writeStatus = (): void => {
    this.#isStatusDue = false;
    const { api } = this.#host;
    const stored = api.get<Pod>('Pod', this.namespace, this.name);
    if (this.#isGone || stored?.metadata.uid !== this.uid) return;
    const addresses = api.get<Node>('Node', '', this.#pod.spec.nodeName!)?.status?.addresses;
    const status = podStatus(
      {
        restartPolicy: this.restartPolicy,
        startTime: this.#startTime,
        podIp: this.#ip,
        hostIp: addresses?.find(({ type }) => type === 'InternalIP')?.address,
        isInitialized: this.#isInitialized,
        initContainers: this.#init.map((worker) => worker.status()),
        containers: this.#main.map((worker) => worker.status()),
      },
      stored.status,
      timestamp(this.simulation.now),
    );
    recordPhase(this.simulation, this.key, status.phase!, stored.status?.phase);
    recordReady(this.simulation, this.key, status, stored.status);
    api.updateStatus('Pod', this.namespace, this.name, status);
  };
}

function stopAll(
  workers: readonly ContainerWorker[],
  graceUs: Micros,
  onAllStopped: () => void,
): void {
  let left = workers.length;
  if (left === 0) onAllStopped();
  for (const worker of workers)
    worker.stop(graceUs, () => {
      left -= 1;
      if (left === 0) onAllStopped();
    });
}
