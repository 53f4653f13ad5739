/** Which place in its card a pod has: it keeps it for life, and a newcomer takes the first free. */
export class PodSlots {
  readonly #cards = new Map<string, Map<string, number>>();

  clear(): void {
    this.#cards.clear();
  }

  /** Places of these pods, by id; those of pods that are gone become free. */
  assign(card: string, pods: readonly string[]): ReadonlyMap<string, number> {
    const before = this.#cards.get(card);
    const slots = new Map<string, number>();
    for (const pod of pods) {
      const slot = before?.get(pod);
      if (slot !== undefined) slots.set(pod, slot);
    }
    const taken = new Set(slots.values());
    for (const pod of pods) {
      if (slots.has(pod)) continue;
      let slot = 0;
      while (taken.has(slot)) slot++;
      taken.add(slot);
      slots.set(pod, slot);
    }
    this.#cards.set(card, slots);
    return slots;
  }
}
