/** Models the sum over a whole run: requests by flag and by source, and how long they took. */
import { LogHistogram } from '../telemetry/rates/log-histogram.ts';
import type { Micros } from '../sim/time.ts';

export interface SourceTally {
  readonly source: string;
  requests: number;
  failed: number;
}

export class TrafficTally {
  readonly byFlag = new Map<string, number>();
  readonly byStatus = new Map<number, number>();
  /** By status and flags together: "503 NC". */
  readonly byOutcome = new Map<string, number>();
  readonly #bySource = new Map<string, SourceTally>();
  readonly #durations = new LogHistogram();
  #requests = 0;

  get requests(): number {
    return this.#requests;
  }

  get bySource(): readonly SourceTally[] {
    return [...this.#bySource.values()];
  }

  add(source: string, status: number, flags: string, durationUs: Micros): void {
    this.#requests += 1;
    this.byFlag.set(flags, (this.byFlag.get(flags) ?? 0) + 1);
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
    const outcome = outcomeText(status, flags);
    this.byOutcome.set(outcome, (this.byOutcome.get(outcome) ?? 0) + 1);
    this.#durations.add(durationUs);
    let own = this.#bySource.get(source);
    if (!own) this.#bySource.set(source, (own = { source, requests: 0, failed: 0 }));
    own.requests += 1;
    if (status === 0 || status >= 500) own.failed += 1;
  }

  /** The latency that a share of the requests did not exceed, in milliseconds. */
  quantileMs(share: number): number {
    return (this.#durations.quantiles([share])[0] ?? 0) / 1000;
  }
}

/** "503 NC"; only requests that carry flags pay for joining. */
function outcomeText(status: number, flags: string): string {
  return flags === '-' && status === 200 ? '200 -' : `${status} ${flags}`;
}
