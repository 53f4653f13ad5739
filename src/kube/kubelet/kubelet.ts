/**
 * Models the kubelets of all nodes: a pod bound to a node comes to life there and dies there.
 *
 * Spec: https://kubernetes.io/docs/concepts/architecture/#kubelet. Simplified: one object stands
 * for all nodes; nodes do not fail by themselves.
 */
import type { ApiServer } from '../api-server.ts';
import type { WatchEvent } from '../api/watch.ts';
import { isPodFinished, type Pod } from '../objects/pod.ts';
import { SECOND } from '../../sim/time.ts';
import { PodNetwork } from './pod-network.ts';
import { PodWorker, type PodHost } from './pod-worker.ts';
import type { ContainerRuntime } from './runtime.ts';
import { DEFAULT_TIMING, type KubeletTiming } from './timing.ts';

export interface KubeletOptions {
  readonly timing?: KubeletTiming;
}

export class Kubelet implements PodHost {
  readonly api: ApiServer;
  readonly runtime: ContainerRuntime;
  readonly timing: KubeletTiming;
  readonly #network = new PodNetwork();
  readonly #workers = new Map<string, PodWorker>();

  constructor(api: ApiServer, runtime: ContainerRuntime, options: KubeletOptions = {}) {
    this.api = api;
    this.runtime = runtime;
    this.timing = options.timing ?? DEFAULT_TIMING;
    api.registerKubelet();
    for (const pod of api.list<Pod>('Pod'))
      if (pod.status?.podIP) this.#network.allocate('', pod.status.podIP);
    api.watch('Node', ({ object }) => this.#network.addNode(object.metadata.name));
    api.watch<Pod>('Pod', (event) => this.#sync(event));
  }

  /** A container ends with `exitCode` as if by itself. False when it is not running. */
  crashContainer(namespace: string, pod: string, container: string, exitCode: number): boolean {
    const worker = this.#workers.get(`${namespace}/${pod}`);
    return worker?.crashContainer(container, exitCode) ?? false;
  }

  allocateIp(pod: Pod): string {
    return this.#network.allocate(pod.spec.nodeName!, pod.status?.podIP);
  }

  releaseIp(ip: string): void {
    this.#network.release(ip);
  }

  gone(worker: PodWorker): void {
    if (this.#workers.get(worker.key) !== worker) return;
    this.#workers.delete(worker.key);
    const stored = this.api.get('Pod', worker.namespace, worker.name);
    if (stored?.metadata.uid === worker.uid)
      this.api.delete('Pod', worker.namespace, worker.name, { gracePeriodSeconds: 0 });
  }

  #sync({ type, object }: WatchEvent<Pod>): void {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    const worker = this.#workers.get(key);
    if (worker && (type === 'DELETED' || worker.uid !== object.metadata.uid)) worker.kill();
    if (type === 'DELETED') return;
    const { deletionTimestamp, deletionGracePeriodSeconds = 30 } = object.metadata;
    const current = this.#workers.get(key);
    if (current) {
      if (deletionTimestamp) current.stop(deletionGracePeriodSeconds * SECOND);
    } else if (object.spec.nodeName && !isPodFinished(object)) this.#begin(key, object);
  }

  #begin(key: string, pod: Pod): void {
    const stored = this.api.get<Pod>('Pod', pod.metadata.namespace!, pod.metadata.name);
    if (stored?.metadata.uid !== pod.metadata.uid) return;
    if (stored?.metadata.deletionTimestamp)
      this.api.delete('Pod', pod.metadata.namespace!, pod.metadata.name, { gracePeriodSeconds: 0 });
    else this.#workers.set(key, new PodWorker(this, pod));
  }
}
