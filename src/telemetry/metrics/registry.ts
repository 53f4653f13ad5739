/**
 * Models Prometheus with its targets: families of counters, gauges and histograms with labels, what
 * a scrape reads from them, and the samples of the last minutes.
 *
 * `sample` is called once a second of virtual time; each series keeps its last samples in a ring.
 *
 * Spec: https://prometheus.io/docs/instrumenting/exposition_formats (text format). Simplified: one
 * scrape a second for all, without the `up` series and scrape labels.
 */
import { SECOND, type Micros } from '../../sim/time.ts';
import { CounterSeries, GaugeSeries, HistogramSeries, type Series } from './series.ts';

export type MetricType = 'counter' | 'gauge' | 'histogram';

export type Labels = Readonly<Record<string, string>>;

/** A series as a query sees it: a histogram appears as its _bucket, _sum and _count. */
export interface SampledSeries {
  readonly name: string;
  readonly labels: Labels;
  /** Second of virtual time and value, oldest first. */
  readonly samples: readonly (readonly [second: number, value: number])[];
}

/** Series a family may have; more are counted in `dropped` and kept nowhere. */
const SERIES_MAX = 50_000;

export class Family<S extends Series> {
  readonly name: string;
  readonly help: string;
  readonly type: MetricType;
  readonly labelNames: readonly string[];
  readonly #make: () => S;
  readonly #children = new Map<string, { labels: Labels; series: S }>();
  readonly #overflow: S;

  constructor(
    name: string,
    help: string,
    type: MetricType,
    labelNames: readonly string[],
    make: () => S,
  ) {
    this.name = name;
    this.help = help;
    this.type = type;
    this.labelNames = labelNames;
    this.#make = make;
    this.#overflow = make();
  }

  /** The series with these label values, in the order of `labelNames`. Keep it: finding it costs. */
  with(...values: readonly string[]): S {
    const key = values.join('\u0000');
    const known = this.#children.get(key);
    if (known) return known.series;
    if (this.#children.size >= SERIES_MAX) return this.#overflow;
    const labels: Record<string, string> = {};
    for (let i = 0; i < this.labelNames.length; i++) labels[this.labelNames[i]!] = values[i] ?? '';
    const series = this.#make();
    this.#children.set(key, { labels, series });
    return series;
  }

  children(): Iterable<{ readonly labels: Labels; readonly series: S }> {
    return this.#children.values();
  }
}

export class MetricsRegistry {
  readonly #historySeconds: number;
  readonly #families = new Map<string, Family<Series>>();

  /** `historySeconds`: how many samples each series keeps. */
  constructor(historySeconds = 300) {
    this.#historySeconds = historySeconds;
  }

  counter(name: string, help: string, labelNames: readonly string[]): Family<CounterSeries> {
    const make = () => new CounterSeries(this.#historySeconds);
    return this.#family(new Family(name, help, 'counter', labelNames, make));
  }

  gauge(name: string, help: string, labelNames: readonly string[]): Family<GaugeSeries> {
    const make = () => new GaugeSeries(this.#historySeconds);
    return this.#family(new Family(name, help, 'gauge', labelNames, make));
  }

  /** `bounds`: upper bounds of the buckets, ascending; +Inf is added. */
  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    bounds: readonly number[],
  ): Family<HistogramSeries> {
    const make = () => new HistogramSeries(this.#historySeconds, bounds);
    return this.#family(new Family(name, help, 'histogram', labelNames, make));
  }

  /** A scrape of everything. Call it once a second, in order of time. */
  sample(now: Micros): void {
    const second = Math.floor(now / SECOND);
    for (const family of this.#families.values())
      for (const { series } of family.children()) series.sample(second);
  }

  /** All series of a name, as a query sees them ("istio_requests_total", "…_bucket"). */
  select(name: string): SampledSeries[] {
    const found: SampledSeries[] = [];
    const family = this.#families.get(name) ?? this.#families.get(histogramOf(name));
    if (!family) return found;
    for (const { labels, series } of family.children())
      for (const { suffix, extra, samples } of series.history())
        if (family.name + suffix === name)
          found.push({ name, labels: extra ? { ...labels, ...extra } : labels, samples });
    return found;
  }

  get names(): readonly string[] {
    return [...this.#families.keys()];
  }

  /** Prometheus' text format, as a scrape would read it now. */
  text(): string {
    const lines: string[] = [];
    for (const family of this.#families.values()) {
      lines.push(`# HELP ${family.name} ${family.help}`, `# TYPE ${family.name} ${family.type}`);
      for (const { labels, series } of family.children())
        for (const { suffix, extra, value } of series.current())
          lines.push(
            `${family.name}${suffix}${labelText({ ...labels, ...extra })} ${numberText(value)}`,
          );
    }
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  #family<S extends Series>(family: Family<S>): Family<S> {
    const known = this.#families.get(family.name);
    if (known) return known as unknown as Family<S>;
    this.#families.set(family.name, family as unknown as Family<Series>);
    return family;
  }
}

function histogramOf(name: string): string {
  return name.replace(/_(bucket|sum|count)$/, '');
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return Number.isNaN(value) ? 'NaN' : String(value);
}
