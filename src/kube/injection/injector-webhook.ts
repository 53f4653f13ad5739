/**
 * Models the mutating webhook of istiod: asked about every new pod, it adds the sidecar.
 *
 * Spec: https://istio.io/latest/docs/ops/configuration/mesh/webhook/. Simplified: the four webhooks
 * of a revision are one; it is asked about pods only.
 */
import type { AdmissionRequest, AdmissionReview, AdmissionWebhook } from '../api/admission.ts';
import type { ApiServer } from '../api-server.ts';
import type { OwnerReference } from '../objects/metadata.ts';
import type { Pod } from '../objects/pod.ts';
import { injectionRefusal, isSelectedByWebhook } from './decision.ts';
import { inject } from './inject.ts';
import type { InjectionConfig, InjectionSubject } from './injection-config.ts';

export interface InjectorOptions {
  /** Read anew for each pod: the mesh config may change. */
  readonly config: () => InjectionConfig;
  /** Why istiod cannot be reached just now; undefined while it can. */
  readonly unreachable?: () => string | undefined;
}

/** A webhook for ApiServer.addMutatingWebhook. */
export function injectorWebhook(api: ApiServer, options: InjectorOptions): AdmissionWebhook {
  return {
    name: 'namespace.sidecar-injector.istio.io',
    url: 'https://istiod.istio-system.svc:443/inject?timeout=10s',
    failurePolicy: 'Fail',
    kinds: new Set(['Pod']),
    review: (request) => review(api, options, request),
  };
}

function review(
  api: ApiServer,
  options: InjectorOptions,
  { operation, object }: AdmissionRequest,
): AdmissionReview {
  const pod = object as Pod;
  if (operation !== 'CREATE' || isInjected(pod)) return {};
  const config = options.config();
  const namespace = pod.metadata.namespace!;
  const namespaceLabels = api.get('Namespace', '', namespace)?.metadata.labels ?? {};
  if (!isSelectedByWebhook(pod.metadata, namespaceLabels, config.revision)) return {};
  const unreachable = options.unreachable?.();
  if (unreachable !== undefined) return { unreachable };
  if (injectionRefusal(pod.metadata, pod.spec, namespace)) return {};
  const subject: InjectionSubject = {
    metadata: pod.metadata,
    namespace,
    workload: workloadOf(pod),
  };
  const injected = inject(subject, pod.spec, config);
  return {
    object: { ...pod, metadata: { ...pod.metadata, ...injected.metadata }, spec: injected.spec },
  };
}

/** True for a pod that has been through injection. */
export function isInjected(pod: Pod): boolean {
  return pod.metadata.annotations?.['sidecar.istio.io/status'] !== undefined;
}

/** The workload a pod belongs to: the Deployment behind its ReplicaSet, else its owner, else itself. */
export function workloadOf(pod: Pod): InjectionSubject['workload'] {
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller);
  if (!owner) {
    const name = pod.metadata.name || (pod.metadata.generateName ?? '').replace(/-$/, '');
    return { apiVersion: 'v1', kind: 'Pod', name };
  }
  return deploymentOf(pod, owner) ?? owner;
}

function deploymentOf(pod: Pod, owner: OwnerReference): InjectionSubject['workload'] | undefined {
  const hash = pod.metadata.labels?.['pod-template-hash'];
  if (owner.kind !== 'ReplicaSet' || !hash || !owner.name.endsWith(`-${hash}`)) return undefined;
  const name = owner.name.slice(0, -hash.length - 1);
  return { apiVersion: 'apps/v1', kind: 'Deployment', name };
}
