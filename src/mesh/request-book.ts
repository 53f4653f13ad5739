/**
 * Models what is remembered of single requests: the decisions each proxy and application took, for
 * whoever asks later why a request went where it went.
 *
 * Bounded: the newest REQUESTS_KEPT watched requests, STEPS_MAX steps each.
 */
import type { Journal, JournalStep } from '../proxy/journal.ts';
import type { Micros } from '../sim/time.ts';

const REQUESTS_KEPT = 4096;
const STEPS_MAX = 400;
/** A power of two: request numbers are taken modulo this. */
const MARKS = 65_536;

/** A request as its sender made it. */
export interface RequestStart {
  readonly requestId: number;
  readonly from: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly startUs: Micros;
}

export interface RequestEnd {
  readonly endUs: Micros;
  /** 0: no HTTP answer. */
  readonly status: number;
  readonly body: string;
  /** Why there was no answer: "refused", "reset", "timeout" …; "" when there was one. */
  readonly error: string;
}

/** One proxy's line about a request. */
export interface LoggedStream {
  readonly node: string;
  readonly flags: readonly string[];
  readonly details: string;
  readonly line: string;
}

export class RequestRecord implements Journal {
  readonly start: RequestStart;
  end: RequestEnd | undefined = undefined;
  readonly steps: JournalStep[] = [];
  readonly logged: LoggedStream[] = [];

  constructor(start: RequestStart) {
    this.start = start;
  }

  note(step: JournalStep): void {
    if (this.steps.length < STEPS_MAX) this.steps.push(step);
  }
}

export class RequestBook {
  readonly #records = new Map<number, RequestRecord>();
  /**
   * How many records have each number modulo MARKS: every request is looked for several times, and
   * at high rates nearly none is kept; this tells so without going through the records.
   */
  readonly #marks = new Uint8Array(MARKS);

  open(start: RequestStart): RequestRecord {
    const record = new RequestRecord(start);
    if (!this.#records.has(start.requestId)) this.#marks[start.requestId % MARKS]! += 1;
    this.#records.set(start.requestId, record);
    if (this.#records.size > REQUESTS_KEPT) {
      const oldest = this.#records.keys().next().value;
      if (oldest !== undefined) this.#forget(oldest);
    }
    return record;
  }

  find(requestId: number): RequestRecord | undefined {
    return this.#marks[requestId % MARKS] === 0 ? undefined : this.#records.get(requestId);
  }

  /** The newest request that fulfils a condition. */
  newest(isWanted: (record: RequestRecord) => boolean): RequestRecord | undefined {
    return [...this.#records.values()].reverse().find(isWanted);
  }

  #forget(requestId: number): void {
    this.#records.delete(requestId);
    this.#marks[requestId % MARKS]! -= 1;
  }
}
