/**
 * Models the Kubernetes API server: objects are created, changed, deleted and watched here.
 *
 * Every write goes through defaults, admission and validation, gets a resourceVersion, and reaches
 * the watchers a moment later. Reads are immediate.
 *
 * Spec: https://kubernetes.io/docs/reference/using-api/api-concepts/
 * Simplified: no authentication, no finalizers, no field management; one version of each kind.
 */
import { admit, type AdmissionRequest, type AdmissionWebhook } from './api/admission.ts';
import { ServiceAddresses } from './api/addresses.ts';
import * as refusal from './api/api-error.ts';
import type { ApiError, ApiResult } from './api/api-error.ts';
import { withDefaults } from './api/defaults.ts';
import { applyMerge, deepEqual, mergePatch, without } from './api/merge.ts';
import { keyOf, ObjectStore, type StoredRef } from './api/object-store.ts';
import { timestamp } from './api/timestamp.ts';
import { validateObject } from './api/validation.ts';
import { WatchHub, type WatchEvent, type WatchHandler } from './api/watch.ts';
import { matchesSelector } from './labels/selector.ts';
import { kindById, kindOf, type KindDefinition } from './objects/kinds.ts';
import type { KubeObject, LabelSelector, ObjectMeta } from './objects/metadata.ts';
import { isPodFinished, type Pod } from './objects/pod.ts';
import type { Service } from './objects/service.ts';
import { nameSuffix } from './names/suffix.ts';
import type { Simulation } from '../sim/simulation.ts';
import { MS, SECOND, type Micros } from '../sim/time.ts';

export interface ApiServerOptions {
  /** How long a change takes to reach a watcher. */
  readonly watchLatencyUs?: Micros;
  /** Make namespaces that objects name and nobody has created (for clusters made of files). */
  readonly createsNamespaces?: boolean;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
}

export interface DeleteOptions {
  /** For pods; default the pod's own. 0 removes at once. */
  readonly gracePeriodSeconds?: number;
  /** What becomes of the objects it owns; default they go too. */
  readonly cascade?: 'background' | 'orphan';
}

export type ApplyAction = 'created' | 'configured' | 'unchanged';
export type ApplyResult = ApiResult<KubeObject> & { readonly action?: ApplyAction };

export class ApiServer {
  readonly simulation: Simulation;
  readonly #store = new ObjectStore();
  readonly #watches: WatchHub;
  readonly #addresses = new ServiceAddresses();
  readonly #mutating: AdmissionWebhook[] = [];
  readonly #validating: AdmissionWebhook[] = [];
  /** What was last applied, by uid. */
  readonly #applied = new Map<string, KubeObject>();
  readonly #options: Required<ApiServerOptions>;
  #resourceVersion = 1000;
  #kubelets = 0;

  constructor(simulation: Simulation, options: ApiServerOptions = {}) {
    this.simulation = simulation;
    this.#watches = new WatchHub(simulation);
    this.#options = { watchLatencyUs: MS, createsNamespaces: false, ...options };
    for (const name of ['default', 'kube-system', 'istio-system'])
      this.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  /** "1003": grows with every write. */
  get resourceVersion(): string {
    return String(this.#resourceVersion);
  }

  addMutatingWebhook(webhook: AdmissionWebhook): void {
    this.#mutating.push(webhook);
  }

  addValidatingWebhook(webhook: AdmissionWebhook): void {
    this.#validating.push(webhook);
  }

  /** Says that a kubelet will finish the deletion of running pods, so it must be graceful. */
  registerKubelet(): void {
    this.#kubelets += 1;
  }

  /** `namespace` is '' for cluster-scoped kinds. `kindId` as in objects/kinds.ts. */
  get<T extends KubeObject = KubeObject>(
    kindId: string,
    namespace: string,
    name: string,
  ): T | undefined {
    return this.#store.get(kindId, `${namespace}/${name}`) as T | undefined;
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
        ? this.#store.candidates(kindId, namespace, selector.matchLabels)
        : this.#store.list(kindId, namespace);
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
    const existing = this.#store.list(kindId);
    return this.#watches.watch(kindId, handler as WatchHandler, latencyUs, existing);
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
    if (this.#store.get(definition.id, keyOf(object)))
      return refuse(refusal.alreadyExists(definition, name));
    const prepared = this.#prepare(definition, object, undefined, options);
    if (!prepared.ok) return prepared as ApiResult<T>;
    const metadata = this.#birth(prepared.object.metadata);
    const stored = { ...prepared.object, metadata } as T;
    if (!options.dryRun) this.#write(definition, stored, undefined);
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
    const old = this.#store.get(definition.id, keyOf(object));
    if (!old) return refuse(refusal.notFound(definition, name));
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion)
      return refuse(refusal.conflict(definition, name));
    const whole = { ...object, metadata: keepIdentity(object.metadata, old.metadata) };
    const withStatus =
      object.status === undefined && old.status !== undefined
        ? { ...whole, status: old.status }
        : whole;
    const prepared = this.#prepare(definition, withStatus, old, options);
    if (!prepared.ok) return prepared as ApiResult<T>;
    const next = prepared.object as T;
    if (deepEqual(next, old)) return { ok: true, object: old as T, warnings: prepared.warnings };
    const stored = { ...next, metadata: this.#nextGeneration(next, old) };
    if (!options.dryRun) this.#write(definition, stored, old);
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
    const stored = { ...old, metadata: this.#bump(old.metadata), status };
    this.#store.put(kindId, stored);
    this.#watches.publish(kindId, { type: 'MODIFIED', object: stored, old });
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
    const request: AdmissionRequest = {
      operation: 'DELETE',
      kindId,
      object: old,
      old,
      dryRun: false,
    };
    const { error, warnings } = admit(this.#validating, request);
    if (error) return refuse(error);
    if (kindId === 'Pod' && this.#beginGracefulDeletion(old as Pod, options))
      return { ok: true, object: this.get(kindId, namespace, name)!, warnings };
    this.#remove(definition, old, options);
    return { ok: true, object: old, warnings };
  }

  /**
   * `kubectl apply`: creates the object or lays it over the stored one. Fields applied before and
   * now missing are removed.
   */
  apply(given: KubeObject, options: WriteOptions = {}): ApplyResult {
    const located = this.#locate(given);
    if ('error' in located) return refuse(located.error);
    const { definition, object } = located;
    const old = this.#store.get(definition.id, keyOf(object));
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
    return this.#store
      .dependents(owner.metadata.uid!)
      .map(({ kindId, key }) => this.#store.get(kindId, key)!);
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

  /** Defaults, admission, validation, addresses: what a write goes through. */
  #prepare(
    definition: KindDefinition,
    object: KubeObject,
    old: KubeObject | undefined,
    options: WriteOptions,
  ): ApiResult<KubeObject> {
    const { id } = definition;
    const early = validateObject(id, object, old);
    if (early.length > 0) return refuse(refusal.invalid(definition, object.metadata.name, early));
    const request: AdmissionRequest = {
      operation: old ? 'UPDATE' : 'CREATE',
      kindId: id,
      object: withDefaults(id, object),
      dryRun: options.dryRun ?? false,
      ...(old && { old }),
    };
    const mutated = admit(this.#mutating, request);
    if (mutated.error) return refuse(mutated.error);
    const validated = admit(this.#validating, { ...request, object: mutated.object });
    if (validated.error) return refuse(validated.error);
    const warnings = [...mutated.warnings, ...validated.warnings];
    if (id !== 'Service') return { ok: true, object: validated.object, warnings };
    const service = validated.object as Service;
    const error = this.#addressError(definition, service);
    if (error) return refuse(error);
    const addressed = options.dryRun
      ? service
      : this.#addresses.allocate(keyOf(service), service, old as Service | undefined);
    return { ok: true, object: addressed, warnings };
  }

  #addressError(definition: KindDefinition, service: Service): ApiError | undefined {
    const ip = service.spec.clusterIP;
    if (!ip || ip === 'None' || !this.#addresses.holderOf(ip, keyOf(service))) return undefined;
    const value = `Invalid value: ["${ip}"]`;
    const detail = `${value}: failed to allocate IP ${ip}: provided IP is already allocated`;
    return refusal.invalid(definition, service.metadata.name, [
      { path: 'spec.clusterIPs', detail },
    ]);
  }

  /** What the server adds to a new object; a creationTimestamp that is given is honoured. */
  #birth(metadata: ObjectMeta): ObjectMeta {
    this.#resourceVersion += 1;
    return {
      ...metadata,
      uid: metadata.uid ?? uuid(this.simulation),
      resourceVersion: String(this.#resourceVersion),
      generation: 1,
      creationTimestamp: metadata.creationTimestamp ?? timestamp(this.simulation.now),
    };
  }

  #bump(metadata: ObjectMeta): ObjectMeta {
    this.#resourceVersion += 1;
    return { ...metadata, resourceVersion: String(this.#resourceVersion) };
  }

  #nextGeneration(next: KubeObject, old: KubeObject): ObjectMeta {
    const metadata = this.#bump(next.metadata);
    if (deepEqual(next.spec, old.spec)) return metadata;
    return { ...metadata, generation: (old.metadata.generation ?? 1) + 1 };
  }

  #write(definition: KindDefinition, object: KubeObject, old: KubeObject | undefined): void {
    this.#store.put(definition.id, object);
    const event: WatchEvent = old ? { type: 'MODIFIED', object, old } : { type: 'ADDED', object };
    this.#watches.publish(definition.id, event);
  }

  /** True when the pod will go later. */
  #beginGracefulDeletion(pod: Pod, options: DeleteOptions): boolean {
    const asked = options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
    const isRunning = pod.spec.nodeName !== undefined && !isPodFinished(pod);
    if (this.#kubelets === 0 || !isRunning || asked <= 0) return false;
    const { deletionTimestamp, deletionGracePeriodSeconds = Infinity } = pod.metadata;
    if (deletionTimestamp && asked >= deletionGracePeriodSeconds) return true;
    const metadata: ObjectMeta = {
      ...this.#bump(pod.metadata),
      deletionTimestamp: timestamp(this.simulation.now + asked * SECOND),
      deletionGracePeriodSeconds: asked,
    };
    this.#write(kindById('Pod')!, { ...pod, metadata }, pod);
    return true;
  }

  #remove(definition: KindDefinition, old: KubeObject, options: DeleteOptions): void {
    const key = keyOf(old);
    if (definition.id === 'Namespace') {
      this.#emptyNamespace(old);
      return;
    }
    this.#store.remove(definition.id, key);
    this.#applied.delete(old.metadata.uid!);
    if (definition.id === 'Service') this.#addresses.release(key, old as Service);
    this.#watches.publish(definition.id, { type: 'DELETED', object: old, old });
    for (const dependent of this.#store.dependents(old.metadata.uid!)) {
      if (options.cascade === 'orphan') this.#orphan(dependent, old);
      else this.simulation.schedule(this.#options.watchLatencyUs, this.#collect, dependent, old);
    }
  }

  /** The garbage collector: an object goes when its last owner has gone. */
  readonly #collect = (ref: StoredRef, owner: KubeObject): void => {
    const object = this.#store.get(ref.kindId, ref.key);
    const owners = object?.metadata.ownerReferences ?? [];
    if (!object || !owners.some(({ uid }) => uid === owner.metadata.uid)) return;
    if (owners.length > 1) this.#orphan(ref, owner);
    else this.delete(ref.kindId, object.metadata.namespace ?? '', object.metadata.name);
  };

  #orphan(ref: StoredRef, owner: KubeObject): void {
    const object = this.#store.get(ref.kindId, ref.key);
    if (!object) return;
    const ownerReferences = (object.metadata.ownerReferences ?? []).filter(
      ({ uid }) => uid !== owner.metadata.uid,
    );
    const metadata = { ...this.#bump(object.metadata), ownerReferences };
    this.#write(kindById(ref.kindId)!, { ...object, metadata }, object);
  }

  /** A namespace goes when the last object in it has gone. */
  #emptyNamespace(namespace: KubeObject): void {
    if (!namespace.metadata.deletionTimestamp) {
      const metadata = {
        ...this.#bump(namespace.metadata),
        deletionTimestamp: timestamp(this.simulation.now),
      };
      const terminating = { ...namespace, metadata, status: { phase: 'Terminating' } };
      this.#write(kindById('Namespace')!, terminating, namespace);
    }
    this.#drainNamespace(namespace.metadata.name, undefined);
  }

  readonly #drainNamespace = (name: string, _unused: undefined): void => {
    const namespace = this.get('Namespace', '', name);
    if (!namespace) return;
    for (const { kindId, key } of this.#store.contents(name))
      this.delete(kindId, name, key.slice(name.length + 1));
    if (!this.#store.isEmpty(name)) {
      this.simulation.schedule(SECOND, this.#drainNamespace, name, undefined);
      return;
    }
    this.#store.remove('Namespace', keyOf(namespace));
    this.#watches.publish('Namespace', { type: 'DELETED', object: namespace, old: namespace });
  };
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

/** A version 4 UUID from the run's own chance. */
function uuid(simulation: Simulation): string {
  const stream = simulation.random('kube/uid');
  const hex = () => stream.uint32().toString(16).padStart(8, '0');
  const text = hex() + hex() + hex() + hex();
  const variant = '89ab'[parseInt(text[16]!, 16) & 3]!;
  const groups = [text.slice(0, 8), text.slice(8, 12), `4${text.slice(13, 16)}`];
  return [...groups, variant + text.slice(17, 20), text.slice(20)].join('-');
}
