/**
 * Models how things go: pods with grace, owned objects after their owners, namespaces when empty.
 *
 * Spec: https://kubernetes.io/docs/concepts/architecture/garbage-collection/. Simplified: no
 * finalizers; cascading is always in the background, unless orphans are asked for.
 */
import { kindById, type KindDefinition } from '../objects/kinds.ts';
import type { KubeObject, ObjectMeta } from '../objects/metadata.ts';
import { isPodFinished, type Pod } from '../objects/pod.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import type { StoredRef } from './object-store.ts';
import type { Storage } from './storage.ts';
import { timestamp } from './timestamp.ts';

export interface DeleteOptions {
  /** For pods; default the pod's own. 0 removes at once. */
  readonly gracePeriodSeconds?: number;
  /** What becomes of the objects it owns; default they go too. */
  readonly cascade?: 'background' | 'orphan';
}

export interface DeletionHost {
  readonly storage: Storage;
  /** How long after an owner the garbage collector notices. */
  readonly latencyUs: Micros;
  /** The verb itself, for what goes along. */
  delete(kindId: string, namespace: string, name: string): unknown;
  /** Called for each object that is no more. */
  removed(definition: KindDefinition, object: KubeObject): void;
}

export class Deletion {
  readonly #host: DeletionHost;
  #kubelets = 0;

  constructor(host: DeletionHost) {
    this.#host = host;
  }

  registerKubelet(): void {
    this.#kubelets += 1;
  }

  /** Deletes a stored object, or begins to. */
  delete(definition: KindDefinition, object: KubeObject, options: DeleteOptions): void {
    if (definition.id === 'Pod' && this.#isGraceful(definition, object as Pod, options)) return;
    if (definition.id === 'Namespace') this.#terminateNamespace(definition, object);
    else this.#remove(definition, object, options);
  }

  /** True when the pod stays until its kubelet has stopped it. */
  #isGraceful(definition: KindDefinition, pod: Pod, options: DeleteOptions): boolean {
    const { storage } = this.#host;
    const asked = options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
    const isRunning = pod.spec.nodeName !== undefined && !isPodFinished(pod);
    if (this.#kubelets === 0 || !isRunning || asked <= 0) return false;
    const { deletionTimestamp, deletionGracePeriodSeconds = Infinity } = pod.metadata;
    if (deletionTimestamp && asked >= deletionGracePeriodSeconds) return true;
    const metadata: ObjectMeta = {
      ...storage.bump(pod.metadata),
      deletionTimestamp: timestamp(storage.simulation.now + asked * SECOND),
      deletionGracePeriodSeconds: asked,
    };
    storage.put(definition, { ...pod, metadata }, pod);
    return true;
  }

  #remove(definition: KindDefinition, object: KubeObject, options: DeleteOptions): void {
    const { storage, latencyUs } = this.#host;
    storage.remove(definition, object);
    this.#host.removed(definition, object);
    for (const dependent of storage.objects.dependents(object.metadata.uid!)) {
      if (options.cascade === 'orphan') this.#orphan(dependent, object);
      else storage.simulation.schedule(latencyUs, this.#collect, dependent, object);
    }
  }

  /** The garbage collector: an object goes when its last owner has gone. */
  readonly #collect = (ref: StoredRef, owner: KubeObject): void => {
    const object = this.#host.storage.objects.get(ref.kindId, ref.key);
    const owners = object?.metadata.ownerReferences ?? [];
    if (!object || !owners.some(({ uid }) => uid === owner.metadata.uid)) return;
    if (owners.length > 1) this.#orphan(ref, owner);
    else this.#host.delete(ref.kindId, object.metadata.namespace ?? '', object.metadata.name);
  };

  #orphan(ref: StoredRef, owner: KubeObject): void {
    const { storage } = this.#host;
    const object = storage.objects.get(ref.kindId, ref.key);
    if (!object) return;
    const ownerReferences = (object.metadata.ownerReferences ?? []).filter(
      ({ uid }) => uid !== owner.metadata.uid,
    );
    const metadata = { ...storage.bump(object.metadata), ownerReferences };
    storage.put(kindById(ref.kindId)!, { ...object, metadata }, object);
  }

  /** A namespace goes when the last object in it has gone. */
  #terminateNamespace(definition: KindDefinition, namespace: KubeObject): void {
    const { storage } = this.#host;
    if (!namespace.metadata.deletionTimestamp) {
      const deletionTimestamp = timestamp(storage.simulation.now);
      const metadata = { ...storage.bump(namespace.metadata), deletionTimestamp };
      const terminating = { ...namespace, metadata, status: { phase: 'Terminating' } };
      storage.put(definition, terminating, namespace);
    }
    this.#drain(definition, namespace.metadata.name);
  }

  /** Deletes what is in the namespace; looks again every second until nothing is left. */
  readonly #drain = (definition: KindDefinition, name: string): void => {
    const { storage } = this.#host;
    const namespace = storage.objects.get('Namespace', `/${name}`);
    if (!namespace) return;
    for (const { kindId, key } of storage.objects.contents(name))
      this.#host.delete(kindId, name, key.slice(name.length + 1));
    if (storage.objects.isEmpty(name)) this.#remove(definition, namespace, {});
    else storage.simulation.schedule(SECOND, this.#drain, definition, name);
  };
}
