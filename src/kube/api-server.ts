/**
 * Models the Kubernetes API server: objects are created, changed, deleted and watched here.
 *
 * Every write goes through defaults, admission and validation, gets a resourceVersion, and reaches
 * the watchers a moment later. Reads are immediate.
 *
 * Spec: https://kubernetes.io/docs/reference/using-api/api-concepts/
 * Simplified: no authentication, no finalizers, no field management; one version of each kind.
 */
import type { AdmissionWebhook } from './api/admission.ts';
import * as refusal from './api/api-error.ts';
import type { ApiError, ApiResult } from './api/api-error.ts';
import { Deletion, type DeleteOptions } from './api/deletion.ts';
import { applyMerge, deepEqual, mergePatch, without } from './api/merge.ts';
import { keyOf } from './api/object-store.ts';
import { Storage } from './api/storage.ts';
import type { WatchHandler } from './api/watch.ts';
import { WritePath } from './api/write-path.ts';
import { matchesSelector } from './labels/selector.ts';
import { nameSuffix } from './names/suffix.ts';
import { kindById, kindOf, type KindDefinition } from './objects/kinds.ts';
import type { KubeObject, LabelSelector, ObjectMeta } from './objects/metadata.ts';
import type { Simulation } from '../sim/simulation.ts';
import { MS, type Micros } from '../sim/time.ts';

export type { DeleteOptions } from './api/deletion.ts';

export interface ApiServerOptions {
  /** How long a change takes to reach a watcher. */
  readonly watchLatencyUs?: Micros;
  /** Make namespaces that objects name and nobody has created (for clusters made of files). */
  readonly createsNamespaces?: boolean;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
}

export type ApplyAction = 'created' | 'configured' | 'unchanged';
export type ApplyResult = ApiResult<KubeObject> & { readonly action?: ApplyAction };

export class ApiServer {
  readonly simulation: Simulation;
  readonly #storage: Storage;
  readonly #writes = new WritePath();
  readonly #deletion: Deletion;
  /** What was last applied, by uid. */
  readonly #applied = new Map<string, KubeObject>();
  readonly #options: Required<ApiServerOptions>;

  constructor(simulation: Simulation, options: ApiServerOptions = {}) {
    this.simulation = simulation;
    this.#options = { watchLatencyUs: MS, createsNamespaces: false, ...options };
    this.#storage = new Storage(simulation);
    this.#deletion = new Deletion({
      storage: this.#storage,
      latencyUs: this.#options.watchLatencyUs,
      delete: (kindId, namespace, name) => this.delete(kindId, namespace, name),
      removed: (definition, object) => {
        this.#writes.release(definition, object);
        this.#applied.delete(object.metadata.uid!);
      },
    });
    for (const name of ['default', 'kube-system', 'istio-system'])
      this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  /** "1003": grows with every write. */
  get resourceVersion(): string {
    return this.#storage.resourceVersion;
  }

  addMutatingWebhook(webhook: AdmissionWebhook): void {
    this.#writes.mutating.push(webhook);
  }

  addValidatingWebhook(webhook: AdmissionWebhook): void {
    this.#writes.validating.push(webhook);
  }

  /** Says that a kubelet will finish the deletion of running pods, so it must be graceful. */
  registerKubelet(): void {
    this.#deletion.registerKubelet();
  }

  /** `namespace` is '' for cluster-scoped kinds. `kindId` as in objects/kinds.ts. */
  get<T extends KubeObject = KubeObject>(
    kindId: string,
    namespace: string,
    name: string,
  ): T | undefined {
    return this.#storage.objects.get(kindId, `${namespace}/${name}`) as T | undefined;
  }

  /** Objects of a kind in the order of their creation; of one namespace, or of all. */
  list<T extends KubeObject = KubeObject>(
    kindId: string,
    options: { readonly namespace?: string; readonly selector?: LabelSelector } = {},
  ): T[] {
    const { namespace, selector } = options;
    const objects: T[] = [];
    const candidates =
      namespace !== undefined && selector?.matchLabels
        ? this.#storage.objects.candidates(kindId, namespace, selector.matchLabels)
        : this.#storage.objects.list(kindId, namespace);
    for (const object of candidates)
      if (!selector || matchesSelector(selector, object.metadata.labels)) objects.push(object as T);
    return objects;
  }

  /** Calls `handler` for every object there is, then for every change. */
  watch<T extends KubeObject = KubeObject>(
    kindId: string,
    handler: WatchHandler<T>,
    latencyUs: Micros = this.#options.watchLatencyUs,
  ): () => void {
    const existing = this.#storage.objects.list(kindId);
    return this.#storage.watches.watch(kindId, handler as WatchHandler, latencyUs, existing);
  }

  create<T extends KubeObject>(given: T, options: WriteOptions = {}): ApiResult<T> {
    const located = this.#locate(given);
    if ('error' in located) return refuse(located.error);
    const { definition, object } = located;
    if (definition.namespaced) {
      const error = this.#namespaceError(object.metadata.namespace!, object, definition);
      if (error) return refuse(error);
    }
    const { name } = object.metadata;
    if (this.#storage.objects.get(definition.id, keyOf(object)))
      return refuse(refusal.alreadyExists(definition, name));
    const prepared = this.#writes.prepare(definition, object, undefined, options.dryRun ?? false);
    if (!prepared.ok) return prepared as ApiResult<T>;
    const metadata = this.#storage.birth(prepared.object.metadata);
    const stored = { ...prepared.object, metadata } as T;
    if (!options.dryRun) this.#storage.put(definition, stored, undefined);
    return { ok: true, object: stored, warnings: prepared.warnings };
  }

  /**
   * Replaces an object. With a resourceVersion that is not the stored one: a conflict. Status is
   * kept unless the given object has one.
   */
  update<T extends KubeObject>(given: T, options: WriteOptions = {}): ApiResult<T> {
    const located = this.#locate(given);
    if ('error' in located) return refuse(located.error);
    const { definition, object } = located;
    const { name, resourceVersion } = object.metadata;
    const old = this.#storage.objects.get(definition.id, keyOf(object));
    if (!old) return refuse(refusal.notFound(definition, name));
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion)
      return refuse(refusal.conflict(definition, name));
    const whole = { ...object, metadata: keepIdentity(object.metadata, old.metadata) };
    const withStatus =
      object.status === undefined && old.status !== undefined
        ? { ...whole, status: old.status }
        : whole;
    const prepared = this.#writes.prepare(definition, withStatus, old, options.dryRun ?? false);
    if (!prepared.ok) return prepared as ApiResult<T>;
    const next = prepared.object as T;
    if (deepEqual(next, old)) return { ok: true, object: old as T, warnings: prepared.warnings };
    const stored = { ...next, metadata: this.#nextGeneration(next, old) };
    if (!options.dryRun) this.#storage.put(definition, stored, old);
    return { ok: true, object: stored, warnings: prepared.warnings };
  }

  /** JSON merge patch of anything but the identity. */
  patch<T extends KubeObject = KubeObject>(
    kindId: string,
    namespace: string,
    name: string,
    patch: unknown,
    options: WriteOptions = {},
  ): ApiResult<T> {
    const old = this.get<T>(kindId, namespace, name);
    if (!old) return refuse(refusal.notFound(kindById(kindId)!, name));
    return this.update(mergePatch(old, patch) as T, options);
  }

  /** Replaces the status; no admission, no new generation. False when the object is gone. */
  updateStatus(kindId: string, namespace: string, name: string, status: unknown): boolean {
    const old = this.get(kindId, namespace, name);
    if (!old) return false;
    if (deepEqual(old.status, status)) return true;
    const stored = { ...old, metadata: this.#storage.bump(old.metadata), status };
    this.#storage.put(kindById(kindId)!, stored, old);
    return true;
  }

  /**
   * Deletes an object; a pod that runs gets its grace period first: it keeps existing with a
   * deletionTimestamp until the kubelet has stopped it.
   */
  delete(
    kindId: string,
    namespace: string,
    name: string,
    options: DeleteOptions = {},
  ): ApiResult<KubeObject> {
    const old = this.get(kindId, namespace, name);
    const definition = kindById(kindId)!;
    if (!old) return refuse(refusal.notFound(definition, name));
    const { error, warnings } = this.#writes.admitDeletion(definition, old);
    if (error) return refuse(error);
    this.#deletion.delete(definition, old, options);
    return { ok: true, object: this.get(kindId, namespace, name) ?? old, warnings };
  }

  /**
   * `kubectl apply`: creates the object or lays it over the stored one. Fields applied before and
   * now missing are removed.
   */
  apply(given: KubeObject, options: WriteOptions = {}): ApplyResult {
    const located = this.#locate(given);
    if ('error' in located) return refuse(located.error);
    const { definition, object } = located;
    const old = this.#storage.objects.get(definition.id, keyOf(object));
    if (!old) {
      const created = this.create(object, options);
      if (!created.ok) return created;
      if (!options.dryRun) this.#applied.set(created.object.metadata.uid!, object);
      return { ...created, action: 'created' };
    }
    const uid = old.metadata.uid!;
    const wanted = { ...object, metadata: without(object.metadata, 'resourceVersion') };
    const merged = applyMerge(this.#applied.get(uid), wanted, old) as KubeObject;
    const updated = this.update(merged, options);
    if (!updated.ok) return updated;
    if (!options.dryRun) this.#applied.set(uid, object);
    return { ...updated, action: updated.object === old ? 'unchanged' : 'configured' };
  }

  /** Objects that name this one as their owner. */
  dependents(owner: KubeObject): KubeObject[] {
    return this.#storage.objects
      .dependents(owner.metadata.uid!)
      .map(({ kindId, key }) => this.#storage.objects.get(kindId, key)!);
  }

  #locate(
    given: KubeObject,
  ): { definition: KindDefinition; object: KubeObject } | { error: ApiError } {
    const definition = kindOf(given);
    if (!definition) return { error: refusal.noSuchKind(given.apiVersion, given.kind) };
    const { generateName, namespace } = given.metadata;
    // YAML takes `name: y` for a boolean; such a name is none.
    const name = typeof given.metadata.name === 'string' ? given.metadata.name : '';
    const full =
      name || !generateName
        ? name
        : generateName + nameSuffix(this.simulation.random(`name/${generateName}`));
    const metadata: ObjectMeta = { ...given.metadata, name: full };
    if (definition.namespaced) {
      return {
        definition,
        object: { ...given, metadata: { ...metadata, namespace: namespace || 'default' } },
      };
    }
    return { definition, object: { ...given, metadata: without(metadata, 'namespace') } };
  }

  #namespaceError(
    name: string,
    object: KubeObject,
    definition: KindDefinition,
  ): ApiError | undefined {
    const namespace = this.get('Namespace', '', name);
    if (!namespace) {
      if (!this.#options.createsNamespaces) return refusal.notFound(kindById('Namespace')!, name);
      this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      return undefined;
    }
    if (!namespace.metadata.deletionTimestamp) return undefined;
    const what = `${definition.plural} "${object.metadata.name}" is forbidden`;
    const why = `unable to create new content in namespace ${name} because it is being terminated`;
    return { reason: 'Forbidden', code: 403, message: `${what}: ${why}` };
  }

  #nextGeneration(next: KubeObject, old: KubeObject): ObjectMeta {
    const metadata = this.#storage.bump(next.metadata);
    if (deepEqual(next.spec, old.spec)) return metadata;
    return { ...metadata, generation: (old.metadata.generation ?? 1) + 1 };
  }
}

function refuse(error: ApiError): { ok: false; error: ApiError } {
  return { ok: false, error };
}

/** What an update can never change. */
function keepIdentity(metadata: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const { uid, creationTimestamp, generation, deletionTimestamp } = old;
  return {
    ...metadata,
    ...(uid && { uid }),
    ...(creationTimestamp && { creationTimestamp }),
    ...(generation && { generation }),
    ...(old.resourceVersion && { resourceVersion: old.resourceVersion }),
    ...(deletionTimestamp && { deletionTimestamp }),
  };
}
