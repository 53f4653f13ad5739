/**
 * Models Envoy's statistics: counters, gauges and histograms under Envoy's names, and their text.
 *
 * Whoever counts resolves its handles once and keeps them; reading is by name. A statistic that has
 * never been touched is printed, too, as Envoy does, unless only used ones are asked for.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--stats
 */
import { Histogram, type StatsClock } from './stats/histogram.ts';

export { Histogram, type StatsClock } from './stats/histogram.ts';

export class Counter {
  readonly name: string;
  value = 0;
  used = false;

  constructor(name: string) {
    this.name = name;
  }

  inc(by = 1): void {
    this.value += by;
    this.used = true;
  }

  reset(): void {
    this.value = 0;
  }
}

export class Gauge {
  readonly name: string;
  value = 0;
  used = false;

  constructor(name: string) {
    this.name = name;
  }

  set(value: number): void {
    this.value = value;
    this.used = true;
  }

  inc(by = 1): void {
    this.value += by;
    this.used = true;
  }

  dec(by = 1): void {
    this.value -= by;
  }
}

export type StatKind = 'counter' | 'gauge' | 'histogram';

export interface StatsQuery {
  /** Only names in which this pattern is found. */
  readonly filter?: { test(name: string): boolean } | undefined;
  readonly usedOnly?: boolean;
  /** Only these; all, when it is absent. */
  readonly kinds?: readonly StatKind[] | undefined;
}

export class StatsStore {
  readonly clock: StatsClock;
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  /** `clock`: the simulation, or anything that knows virtual time. */
  constructor(clock: StatsClock) {
    this.clock = clock;
  }

  /** The counter of that name: the same object each time. */
  counter(name: string): Counter {
    let counter = this.#counters.get(name);
    if (!counter) this.#counters.set(name, (counter = new Counter(name)));
    return counter;
  }

  gauge(name: string): Gauge {
    let gauge = this.#gauges.get(name);
    if (!gauge) this.#gauges.set(name, (gauge = new Gauge(name)));
    return gauge;
  }

  /** Values are whole milliseconds or bytes unless the name's documentation says otherwise. */
  histogram(name: string): Histogram {
    let histogram = this.#histograms.get(name);
    if (!histogram) this.#histograms.set(name, (histogram = new Histogram(name, this.clock)));
    return histogram;
  }

  /** Value of the counter or gauge of that name; undefined when there is none. */
  value(name: string): number | undefined {
    return (this.#counters.get(name) ?? this.#gauges.get(name))?.value;
  }

  counters(): IterableIterator<Counter> {
    return this.#counters.values();
  }

  gauges(): IterableIterator<Gauge> {
    return this.#gauges.values();
  }

  histograms(): IterableIterator<Histogram> {
    return this.#histograms.values();
  }

  /** Forgets all statistics whose names begin so: what removing a cluster or listener does. */
  removePrefix(prefix: string): void {
    for (const kind of [this.#counters, this.#gauges, this.#histograms])
      for (const name of kind.keys()) if (name.startsWith(prefix)) kind.delete(name);
  }

  /** POST /reset_counters. */
  resetCounters(): void {
    for (const counter of this.#counters.values()) counter.reset();
  }

  /** GET /stats: "name: value" lines by name, histograms last. */
  text(query: StatsQuery = {}): string {
    const numbers = [...this.#counters.values(), ...this.#gauges.values()]
      .filter((stat) => isWanted(stat, query))
      .sort(byName)
      .map(({ name, value }) => `${name}: ${value}\n`);
    const histograms = [...this.#histograms.values()]
      .filter((stat) => isWanted(stat, query))
      .sort(byName)
      .map(({ name, summary }) => `${name}: ${summary}\n`);
    return [...numbers, ...histograms].join('');
  }
}

export function isWanted(
  stat: Counter | Gauge | Histogram,
  { filter, usedOnly, kinds }: StatsQuery,
): boolean {
  if (kinds && !kinds.includes(kindOf(stat))) return false;
  return (!usedOnly || stat.used) && (filter === undefined || filter.test(stat.name));
}

function kindOf(stat: Counter | Gauge | Histogram): StatKind {
  if (stat instanceof Counter) return 'counter';
  return stat instanceof Gauge ? 'gauge' : 'histogram';
}

export function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}
