/**
 * Models the question behind every selector, "which of them carry these labels?", answered without
 * looking at all of them.
 */
import type { KubeObject, StringMap } from '../objects/metadata.ts';

/** Keys of objects by namespace and label, in the order in which they came. */
export class LabelIndex {
  readonly #keys = new Map<string, Set<string>>();

  /** `key` now has the labels of `object` instead of those of `old`. */
  replace(key: string, object: KubeObject | undefined, old: KubeObject | undefined): void {
    if (object?.metadata.labels === old?.metadata.labels) return;
    for (const entry of entries(old)) {
      const keys = this.#keys.get(entry);
      keys?.delete(key);
      if (keys?.size === 0) this.#keys.delete(entry);
    }
    for (const entry of entries(object)) {
      const keys = this.#keys.get(entry);
      if (keys) keys.add(key);
      else this.#keys.set(entry, new Set([key]));
    }
  }

  /**
   * Keys of all objects of a namespace that could carry `labels`: those with the rarest of them.
   * Undefined when `labels` is empty.
   */
  candidates(namespace: string, labels: StringMap): ReadonlySet<string> | undefined {
    let rarest: ReadonlySet<string> | undefined;
    for (const [name, value] of Object.entries(labels)) {
      const keys = this.#keys.get(`${namespace} ${name}=${value}`) ?? NONE;
      if (!rarest || keys.size < rarest.size) rarest = keys;
    }
    return rarest;
  }
}

const NONE: ReadonlySet<string> = new Set();

function entries(object: KubeObject | undefined): string[] {
  const { namespace = '', labels = {} } = object?.metadata ?? {};
  return Object.entries(labels).map(([name, value]) => `${namespace} ${name}=${value}`);
}
