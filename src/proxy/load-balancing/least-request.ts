/**
 * Models least request: of a few hosts drawn at random the one with the fewest active requests; with
 * unequal weights, weighted turns in which active requests reduce the weight.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers#weighted-least-request
 */
import { pow } from '../../sim/math.ts';
import type { HostGroup } from '../upstream/host-set.ts';
import type { Host } from '../upstream/host.ts';
import { EdfScheduler } from './edf-scheduler.ts';
import type { HostPicker, PickerPolicy, RandomBits } from './load-balancer.ts';
import { areEqual } from './round-robin.ts';
import type { SlowStart } from './slow-start.ts';

export interface LeastRequestOptions {
  /** How many hosts are drawn; 2 by default. */
  readonly choiceCount: number;
  /** How strongly active requests reduce a weight; 1 by default. */
  readonly activeRequestBias: number;
  /** Looks at all hosts instead of drawing. */
  readonly fullScan: boolean;
}

export class LeastRequest implements PickerPolicy {
  readonly #random: RandomBits;
  readonly #options: LeastRequestOptions;
  readonly #slowStart: SlowStart | undefined;
  readonly #seed: number;

  constructor(random: RandomBits, options: LeastRequestOptions, slowStart: SlowStart | undefined) {
    this.#random = random;
    this.#options = options;
    this.#slowStart = slowStart;
    this.#seed = random.uint32();
  }

  pickerFor(group: HostGroup): HostPicker {
    const { hosts } = group;
    if (!areEqual(hosts) || this.#slowStart?.concerns(hosts))
      return new EdfScheduler(hosts, (host) => this.#weightOf(host), this.#seed);
    if (this.#options.fullScan) return new FullScan(hosts, this.#random);
    return new OfSeveral(hosts, this.#random, this.#options.choiceCount);
  }

  #weightOf(host: Host): number {
    const weight = this.#slowStart ? this.#slowStart.baseWeightOf(host) : host.weight;
    const bias = this.#options.activeRequestBias;
    const load = bias === 1 ? host.rqActive + 1 : bias === 0 ? 1 : pow(host.rqActive + 1, bias);
    const reduced = weight / load;
    // Never zero: a deadline must stay finite.
    return Math.max(this.#slowStart ? reduced * this.#slowStart.factorOf(host) : reduced, 1e-9);
  }
}

class OfSeveral implements HostPicker {
  readonly #hosts: readonly Host[];
  readonly #random: RandomBits;
  readonly #choiceCount: number;

  constructor(hosts: readonly Host[], random: RandomBits, choiceCount: number) {
    this.#hosts = hosts;
    this.#random = random;
    this.#choiceCount = choiceCount;
  }

  pick(): Host | undefined {
    const hosts = this.#hosts;
    let best: Host | undefined;
    for (let i = 0; i < this.#choiceCount; i++) {
      const candidate = hosts[this.#random.uint32() % hosts.length]!;
      if (best === undefined || candidate.rqActive < best.rqActive) best = candidate;
    }
    return best;
  }
}

class FullScan implements HostPicker {
  readonly #hosts: readonly Host[];
  readonly #random: RandomBits;

  constructor(hosts: readonly Host[], random: RandomBits) {
    this.#hosts = hosts;
    this.#random = random;
  }

  pick(): Host | undefined {
    let fewest = Infinity;
    let known = 0;
    let chosen: Host | undefined;
    for (const host of this.#hosts) {
      if (host.rqActive < fewest) {
        fewest = host.rqActive;
        known = 1;
        chosen = host;
      } else if (host.rqActive === fewest) {
        known += 1;
        // Keeps each of the equal ones with the same chance (reservoir sampling).
        if (this.#random.uint32() % known === 0) chosen = host;
      }
    }
    return chosen;
  }
}
