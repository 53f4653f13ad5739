/**
 * Models ownership between a controller's object and what it made.
 *
 * Spec: https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/
 * Simplified: nothing is adopted; what a controller owns is what it made.
 */
import type { ApiServer } from '../api-server.ts';
import { matchesSelector } from '../labels/selector.ts';
import type { KubeObject, LabelSelector, ObjectMeta, OwnerReference } from '../objects/metadata.ts';
import { isPodFinished, type Pod, type PodTemplateSpec } from '../objects/pod.ts';

export function controllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid!,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The reference to the controller that an object belongs to. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** "default/NAME" of the owner, if it is of that kind: what to look at when `object` changes. */
export function ownerKey(object: KubeObject, kind: string): string | undefined {
  const owner = controllerOf(object);
  return owner?.kind === kind ? `${object.metadata.namespace}/${owner.name}` : undefined;
}

/**
 * The objects of `kindId` this owner controls and its selector still matches: a pod whose label was
 * changed is let go and replaced.
 */
export function controlled<T extends KubeObject>(
  api: ApiServer,
  kindId: string,
  owner: KubeObject,
  selector: LabelSelector,
): T[] {
  return api
    .dependents(owner)
    .filter(
      (object): object is T =>
        object.kind === kindId &&
        isControlledBy(object, owner) &&
        matchesSelector(selector, object.metadata.labels),
    );
}

/** Pods that count: neither finished nor going. */
export function activePods(pods: readonly Pod[]): Pod[] {
  return pods.filter((pod) => !isPodFinished(pod) && !pod.metadata.deletionTimestamp);
}

/** A pod made from a template. */
export function podFromTemplate(
  owner: KubeObject,
  template: PodTemplateSpec,
  name: { readonly name: string } | { readonly generateName: string },
  labels: Readonly<Record<string, string>> = {},
): Pod {
  const { annotations } = template.metadata ?? {};
  const metadata = {
    ...name,
    namespace: owner.metadata.namespace!,
    labels: { ...template.metadata?.labels, ...labels },
    ...(annotations && { annotations }),
    ownerReferences: [controllerReference(owner)],
  } as ObjectMeta;
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec };
}
