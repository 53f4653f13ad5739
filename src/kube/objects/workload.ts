/**
 * Models the kinds that keep pods running: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job.
 *
 * Spec: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/
 * Simplified: the fields that something here reads; others are kept and passed through.
 */
import type { Condition, IntOrString, KubeObject, LabelSelector } from './metadata.ts';
import type { PodTemplateSpec } from './pod.ts';

export interface RollingUpdate {
  readonly maxSurge?: IntOrString;
  readonly maxUnavailable?: IntOrString;
  readonly partition?: number;
}

export interface DeploymentSpec {
  readonly replicas?: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly strategy?: {
    readonly type?: 'RollingUpdate' | 'Recreate';
    readonly rollingUpdate?: RollingUpdate;
  };
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
  readonly progressDeadlineSeconds?: number;
  readonly paused?: boolean;
}

export interface DeploymentStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly unavailableReplicas?: number;
  readonly conditions?: readonly Condition[];
}

export interface Deployment extends KubeObject<DeploymentSpec, DeploymentStatus> {
  readonly spec: DeploymentSpec;
}

export interface ReplicaSetSpec {
  readonly replicas?: number;
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly minReadySeconds?: number;
}

export interface ReplicaSetStatus {
  readonly observedGeneration?: number;
  readonly replicas: number;
  readonly fullyLabeledReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
}

export interface ReplicaSet extends KubeObject<ReplicaSetSpec, ReplicaSetStatus> {
  readonly spec: ReplicaSetSpec;
}

export interface StatefulSetSpec {
  readonly replicas?: number;
  readonly selector: LabelSelector;
  readonly serviceName?: string;
  readonly template: PodTemplateSpec;
  readonly podManagementPolicy?: 'OrderedReady' | 'Parallel';
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate };
}

export interface StatefulSetStatus {
  readonly observedGeneration?: number;
  readonly replicas: number;
  readonly readyReplicas?: number;
  readonly currentReplicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly updateRevision?: string;
}

export interface StatefulSet extends KubeObject<StatefulSetSpec, StatefulSetStatus> {
  readonly spec: StatefulSetSpec;
}

export interface DaemonSetSpec {
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
  readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: RollingUpdate };
}

export interface DaemonSetStatus {
  readonly observedGeneration?: number;
  readonly currentNumberScheduled: number;
  readonly desiredNumberScheduled: number;
  readonly numberReady: number;
  readonly numberAvailable?: number;
  readonly updatedNumberScheduled?: number;
}

export interface DaemonSet extends KubeObject<DaemonSetSpec, DaemonSetStatus> {
  readonly spec: DaemonSetSpec;
}

export interface JobSpec {
  readonly template: PodTemplateSpec;
  readonly selector?: LabelSelector;
  readonly completions?: number;
  readonly parallelism?: number;
  readonly backoffLimit?: number;
}

export interface JobStatus {
  readonly active?: number;
  readonly ready?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly conditions?: readonly Condition[];
}

export interface Job extends KubeObject<JobSpec, JobStatus> {
  readonly spec: JobSpec;
}
