/** Models what a fault can reach: the network, the pods, the control plane. The mesh provides it. */
import type { Network } from '../sim/network/network.ts';
import type { NetworkNamespace } from '../sim/network/namespace.ts';
import type { Micros } from '../sim/time.ts';

/** How well a pod's applications are; workloads obey it. */
export interface PodHealth {
  /** Waited before each request is looked at. */
  delayUs: Micros;
  /** Requests that fail, in parts per million. */
  errorPerMillion: number;
  errorStatus: number;
}

export interface FaultPod {
  /** "NAME.NS". */
  readonly id: string;
  /** "WORKLOAD.NS": what owns it. */
  readonly workload: string;
  readonly network: NetworkNamespace;
  readonly health: PodHealth;
}

export interface FaultWorld {
  readonly network: Network;
  /** Pods that run now. */
  pods(): readonly FaultPod[];
  readonly zones: readonly string[];
  /** The namespaces of machines that are no pods: "external", "istiod". */
  machine(name: string): NetworkNamespace | undefined;
  /** The pod's processes end at once, without grace, and the pod is deleted. */
  killPod(id: string): void;
  readonly istiodRuns: boolean;
  stopIstiod(): void;
  startIstiod(): void;
}

/** Takes a fault back. Called once. */
export type Undo = () => void;

/** Why a fault could not be done: what, where, what to do. */
export interface FaultError {
  readonly error: string;
}

/** The size of a fault in its own unit. */
export interface FaultSize {
  readonly min: number;
  readonly max: number;
  readonly usual: number;
  readonly unit: 'ms' | 'percent';
}

/** Pods that a target names: one pod, or all pods of a workload. */
export function podsOf(world: FaultWorld, target: string): readonly FaultPod[] {
  return world.pods().filter(({ id, workload }) => id === target || workload === target);
}

export function noSuchPod(target: string): FaultError {
  return { error: `no running pod or workload is called "${target}"; it is NAME.NAMESPACE` };
}
