/**
 * Models the furniture of a cluster: Node, Namespace, ServiceAccount, ConfigMap, Secret.
 *
 * Spec: https://kubernetes.io/docs/reference/kubernetes-api/
 */
import type { Condition, KubeObject, StringMap } from './metadata.ts';

export interface NodeSpec {
  readonly podCIDR?: string;
  readonly unschedulable?: boolean;
}

export interface NodeStatus {
  readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  readonly conditions?: readonly Condition[];
  readonly nodeInfo?: StringMap;
}

export type Node = KubeObject<NodeSpec, NodeStatus>;

export const REGION_LABEL = 'topology.kubernetes.io/region';
export const ZONE_LABEL = 'topology.kubernetes.io/zone';

export type Namespace = KubeObject<unknown, { readonly phase?: 'Active' | 'Terminating' }>;

export type ServiceAccount = KubeObject;

export type ConfigMap = KubeObject;

export interface Secret extends KubeObject {
  readonly type?: string;
  readonly stringData?: StringMap;
}
