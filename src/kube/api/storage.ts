/**
 * Models what lies under the API server's verbs: versioned writes that reach the watchers.
 *
 * Spec: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
import type { KindDefinition } from '../objects/kinds.ts';
import type { KubeObject, ObjectMeta } from '../objects/metadata.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { keyOf, ObjectStore } from './object-store.ts';
import { timestamp } from './timestamp.ts';
import { WatchHub, type WatchEvent } from './watch.ts';

export class Storage {
  readonly simulation: Simulation;
  readonly objects = new ObjectStore();
  readonly watches: WatchHub;
  #resourceVersion = 1000;

  constructor(simulation: Simulation) {
    this.simulation = simulation;
    this.watches = new WatchHub(simulation);
  }

  get resourceVersion(): string {
    return String(this.#resourceVersion);
  }

  /** The metadata of a write: a new resourceVersion. */
  bump(metadata: ObjectMeta): ObjectMeta {
    this.#resourceVersion += 1;
    return { ...metadata, resourceVersion: this.resourceVersion };
  }

  /** The metadata of a new object; a creationTimestamp that is given is honoured. */
  birth(metadata: ObjectMeta): ObjectMeta {
    return {
      ...this.bump(metadata),
      uid: metadata.uid ?? uuid(this.simulation),
      generation: 1,
      creationTimestamp: metadata.creationTimestamp ?? timestamp(this.simulation.now),
    };
  }

  put(definition: KindDefinition, object: KubeObject, old: KubeObject | undefined): void {
    this.objects.put(definition.id, object);
    const event: WatchEvent = old ? { type: 'MODIFIED', object, old } : { type: 'ADDED', object };
    this.watches.publish(definition.id, event);
  }

  remove(definition: KindDefinition, object: KubeObject): void {
    this.objects.remove(definition.id, keyOf(object));
    this.watches.publish(definition.id, { type: 'DELETED', object, old: object });
  }
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
