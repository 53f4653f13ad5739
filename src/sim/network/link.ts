/**
 * Models one direction between two network namespaces: how long a message takes, and whether it
 * arrives at all.
 *
 * Simplified: loss delays a message by TCP retransmissions instead of dropping it; reordering and
 * congestion control are left out.
 */
import type { RandomStream } from '../random.ts';
import { MS, SECOND, type Micros } from '../time.ts';

/** The condition of a link. Every field can be changed while traffic flows. */
export interface LinkCondition {
  /** One-way delay. */
  latencyUs: Micros;
  /** Added to the delay: uniform in [0, jitter). Order is kept all the same. */
  jitterUs: Micros;
  /** Messages lost, in parts per million; each loss costs a retransmission time-out. */
  lossPerMillion: number;
  /** Nothing gets through; messages wait for the link to heal. */
  partitioned: boolean;
  /** Bytes per second; 0 is unlimited. */
  bandwidth: number;
}

/** Linux' TCP_RTO_MIN: what the first retransmission waits. */
const RETRANSMISSION_MIN_US = 200 * MS;
const RETRANSMISSION_MAX_US = 120 * SECOND;

export class Link {
  condition: LinkCondition;
  /** When the last message that has been sent arrives: later ones never overtake it. */
  #busyUntil: Micros = 0;
  readonly #newRandom: () => RandomStream;
  #stream: RandomStream | undefined = undefined;

  /** `random` is asked when chance first matters: a link without jitter and loss needs none. */
  constructor(condition: LinkCondition, random: () => RandomStream) {
    this.condition = { ...condition };
    this.#newRandom = random;
  }

  /** How long a message of `bytes` sent at `now` takes. The link must not be partitioned. */
  transitUs(now: Micros, bytes: number): Micros {
    const { latencyUs, jitterUs, lossPerMillion, bandwidth } = this.condition;
    let transit = latencyUs;
    if (jitterUs > 0) transit += Math.floor(this.#random.fraction() * jitterUs);
    if (lossPerMillion > 0) transit += this.#retransmissionsUs(lossPerMillion);
    if (bandwidth > 0) {
      const start = Math.max(now, this.#busyUntil);
      this.#busyUntil = start + Math.ceil((bytes * SECOND) / bandwidth);
      transit += this.#busyUntil - now;
    }
    return transit;
  }

  get #random(): RandomStream {
    return (this.#stream ??= this.#newRandom());
  }

  #retransmissionsUs(lossPerMillion: number): Micros {
    let waited = 0;
    let timeout = RETRANSMISSION_MIN_US;
    while (this.#random.chance(lossPerMillion) && waited < RETRANSMISSION_MAX_US) {
      waited += timeout;
      timeout = Math.min(2 * timeout, RETRANSMISSION_MAX_US);
    }
    return waited;
  }
}
