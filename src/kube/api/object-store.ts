/**
 * Models etcd as the API server uses it: objects by kind, namespace and name, and who owns whom.
 *
 * Spec: https://kubernetes.io/docs/concepts/architecture/garbage-collection/ for owners.
 */
import { LabelIndex } from '../labels/label-index.ts';
import type { KubeObject, StringMap } from '../objects/metadata.ts';

/** "default/web"; cluster-scoped objects have an empty namespace. */
export function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

export interface StoredRef {
  readonly kindId: string;
  readonly key: string;
}

export class ObjectStore {
  readonly #kinds = new Map<string, Map<string, KubeObject>>();
  readonly #namespaces = new Map<string, Map<string, Map<string, KubeObject>>>();
  readonly #labels = new Map<string, LabelIndex>();
  readonly #dependents = new Map<string, Map<string, StoredRef>>();

  get(kindId: string, key: string): KubeObject | undefined {
    return this.#kinds.get(kindId)?.get(key);
  }

  /** In the order of creation. */
  list(kindId: string, namespace?: string): Iterable<KubeObject> {
    const objects =
      namespace === undefined
        ? this.#kinds.get(kindId)
        : this.#namespaces.get(kindId)?.get(namespace);
    return objects?.values() ?? [];
  }

  /** Objects of a namespace that carry at least one of `labels`; all when there are no labels. */
  *candidates(kindId: string, namespace: string, labels: StringMap): Iterable<KubeObject> {
    const keys = this.#labels.get(kindId)?.candidates(namespace, labels);
    if (!keys) yield* this.list(kindId, namespace);
    else for (const key of keys) yield this.get(kindId, key)!;
  }

  put(kindId: string, object: KubeObject): void {
    const key = keyOf(object);
    const old = this.get(kindId, key);
    if (old) this.#unlink(kindId, key, old);
    let labels = this.#labels.get(kindId);
    if (!labels) this.#labels.set(kindId, (labels = new LabelIndex()));
    labels.replace(key, object, old);
    let all = this.#kinds.get(kindId);
    if (!all) this.#kinds.set(kindId, (all = new Map()));
    all.set(key, object);
    let namespaces = this.#namespaces.get(kindId);
    if (!namespaces) this.#namespaces.set(kindId, (namespaces = new Map()));
    const namespace = object.metadata.namespace ?? '';
    let within = namespaces.get(namespace);
    if (!within) namespaces.set(namespace, (within = new Map()));
    within.set(key, object);
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      let dependents = this.#dependents.get(uid);
      if (!dependents) this.#dependents.set(uid, (dependents = new Map()));
      dependents.set(`${kindId} ${key}`, { kindId, key });
    }
  }

  remove(kindId: string, key: string): void {
    const object = this.get(kindId, key);
    if (!object) return;
    this.#unlink(kindId, key, object);
    this.#labels.get(kindId)!.replace(key, undefined, object);
    this.#kinds.get(kindId)!.delete(key);
    this.#namespaces
      .get(kindId)!
      .get(object.metadata.namespace ?? '')!
      .delete(key);
  }

  /** Objects that name `uid` among their owners. */
  dependents(uid: string): StoredRef[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  /** Everything in a namespace. */
  *contents(namespace: string): Iterable<StoredRef> {
    for (const [kindId, namespaces] of this.#namespaces)
      for (const key of [...(namespaces.get(namespace)?.keys() ?? [])]) yield { kindId, key };
  }

  isEmpty(namespace: string): boolean {
    for (const namespaces of this.#namespaces.values())
      if ((namespaces.get(namespace)?.size ?? 0) > 0) return false;
    return true;
  }

  #unlink(kindId: string, key: string, object: KubeObject): void {
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const dependents = this.#dependents.get(uid);
      dependents?.delete(`${kindId} ${key}`);
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
  }
}
