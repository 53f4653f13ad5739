/** What a run comes to, in the fields of the contract. */
import type { Session } from '../../mesh/session.ts';

export interface RunSummary {
  readonly traceHash: string;
  readonly events: number;
  readonly virtualSeconds: number;
  readonly wallSeconds: number;
  readonly requests: number;
  readonly byFlag: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly bySource: readonly {
    readonly source: string;
    readonly requests: number;
    readonly failed: number;
  }[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly pushes: number;
  readonly nacks: number;
}

export function summaryOf(session: Session, durationUs: number, wallSeconds: number): RunSummary {
  const { simulation, traffic, counts } = session.mesh;
  const { tally } = traffic;
  return {
    traceHash: simulation.trace.hash,
    events: simulation.eventCount,
    virtualSeconds: durationUs / 1e6,
    wallSeconds,
    requests: tally.requests,
    byFlag: Object.fromEntries(tally.byFlag),
    byStatus: Object.fromEntries(tally.byStatus),
    bySource: tally.bySource.map(({ source, requests, failed }) => ({ source, requests, failed })),
    p50Ms: tally.quantileMs(0.5),
    p99Ms: tally.quantileMs(0.99),
    pushes: counts.pushes,
    nacks: counts.nacks,
  };
}
