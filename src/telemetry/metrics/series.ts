/** Models one time series of a metric: its value now, and a ring of samples, one a second. */

/** One line of a scrape, or one queryable series: what is added to the family's name and labels. */
export interface Reading {
  readonly suffix: '' | '_bucket' | '_sum' | '_count';
  readonly extra: Readonly<Record<string, string>> | undefined;
  readonly value: number;
}

export interface History {
  readonly suffix: Reading['suffix'];
  readonly extra: Reading['extra'];
  readonly samples: readonly (readonly [second: number, value: number])[];
}

export interface Series {
  sample(second: number): void;
  current(): Reading[];
  history(): History[];
}

/** The last samples of some columns that are sampled together. */
class SampleRing {
  readonly #capacity: number;
  readonly #columns: number;
  /** Grows up to the capacity: most series of a short run never fill it. */
  #values = new Float64Array(0);
  #seconds = new Float64Array(0);
  #count = 0;

  constructor(capacity: number, columns: number) {
    this.#capacity = capacity;
    this.#columns = columns;
  }

  push(second: number, values: ArrayLike<number>): void {
    const slot = this.#count++ % this.#capacity;
    if (slot >= this.#seconds.length) this.#grow();
    this.#seconds[slot] = second;
    for (let column = 0; column < this.#columns; column++)
      this.#values[slot * this.#columns + column] = values[column]!;
  }

  column(column: number): (readonly [number, number])[] {
    const kept = Math.min(this.#count, this.#capacity);
    const samples: (readonly [number, number])[] = [];
    for (let i = this.#count - kept; i < this.#count; i++) {
      const slot = i % this.#capacity;
      samples.push([this.#seconds[slot]!, this.#values[slot * this.#columns + column]!]);
    }
    return samples;
  }

  #grow(): void {
    const length = Math.min(this.#capacity, Math.max(16, 2 * this.#seconds.length));
    const seconds = new Float64Array(length);
    seconds.set(this.#seconds);
    this.#seconds = seconds;
    const values = new Float64Array(length * this.#columns);
    values.set(this.#values);
    this.#values = values;
  }
}

/** A number that a family keeps for one set of label values. */
class NumberSeries implements Series {
  protected number = 0;
  readonly #ring: SampleRing;

  constructor(historySeconds: number) {
    this.#ring = new SampleRing(historySeconds, 1);
  }

  get value(): number {
    return this.number;
  }

  sample(second: number): void {
    this.#ring.push(second, [this.number]);
  }

  current(): Reading[] {
    return [{ suffix: '', extra: undefined, value: this.number }];
  }

  history(): History[] {
    return [{ suffix: '', extra: undefined, samples: this.#ring.column(0) }];
  }
}

export class CounterSeries extends NumberSeries {
  add(by = 1): void {
    this.number += by;
  }
}

export class GaugeSeries extends NumberSeries {
  set(value: number): void {
    this.number = value;
  }

  add(by = 1): void {
    this.number += by;
  }
}

export class HistogramSeries implements Series {
  readonly #bounds: readonly number[];
  /** Count of each bucket (not cumulative), the last one above all bounds. */
  readonly #counts: Float64Array;
  #sum = 0;
  #count = 0;
  /** Columns: cumulative buckets, +Inf, sum. */
  readonly #ring: SampleRing;

  constructor(historySeconds: number, bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
    this.#ring = new SampleRing(historySeconds, bounds.length + 2);
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket += 1;
    this.#counts[bucket]! += 1;
    this.#sum += value;
    this.#count += 1;
  }

  sample(second: number): void {
    const row = new Float64Array(this.#counts.length + 1);
    let sum = 0;
    for (let i = 0; i < this.#counts.length; i++) row[i] = sum += this.#counts[i]!;
    row[this.#counts.length] = this.#sum;
    this.#ring.push(second, row);
  }

  current(): Reading[] {
    const readings: Reading[] = [];
    let below = 0;
    for (let i = 0; i < this.#counts.length; i++) {
      below += this.#counts[i]!;
      readings.push({ suffix: '_bucket', extra: { le: this.#boundText(i) }, value: below });
    }
    readings.push({ suffix: '_sum', extra: undefined, value: this.#sum });
    readings.push({ suffix: '_count', extra: undefined, value: this.#count });
    return readings;
  }

  history(): History[] {
    const last = this.#counts.length;
    const histories: History[] = [];
    for (let i = 0; i < last; i++)
      histories.push({
        suffix: '_bucket',
        extra: { le: this.#boundText(i) },
        samples: this.#ring.column(i),
      });
    histories.push({ suffix: '_sum', extra: undefined, samples: this.#ring.column(last) });
    histories.push({ suffix: '_count', extra: undefined, samples: this.#ring.column(last - 1) });
    return histories;
  }

  #boundText(bucket: number): string {
    return bucket < this.#bounds.length ? String(this.#bounds[bucket]) : '+Inf';
  }
}
