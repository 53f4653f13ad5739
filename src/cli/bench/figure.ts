/** A speed figure: what is measured, how, and the result of measuring it several times. */

export interface Figure {
  readonly name: string;
  /** "events/s" */
  readonly unit: string;
  /** One sentence: what ran, and what was counted against what. */
  readonly method: string;
  /** One measurement, in `unit`. Called once before it counts, to warm up, then RUNS times. */
  measure(): number | Promise<number>;
}

export interface FigureResult {
  readonly name: string;
  /** The median. */
  readonly value: number;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  readonly method: string;
}

const RUNS = 5;

export async function measured(figure: Figure): Promise<FigureResult> {
  await figure.measure();
  const values: number[] = [];
  for (let run = 0; run < RUNS; run++) values.push(await figure.measure());
  values.sort((one, other) => one - other);
  const { name, unit, method } = figure;
  return {
    name,
    value: rounded(values[(RUNS - 1) / 2]!),
    unit,
    min: rounded(values[0]!),
    max: rounded(values[RUNS - 1]!),
    runs: RUNS,
    method,
  };
}

/** Seconds of processor time that `work` takes, all threads of this process together. */
export function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Seconds on the clock. */
export function wallSeconds(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

/** Four significant digits: more would be noise. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
