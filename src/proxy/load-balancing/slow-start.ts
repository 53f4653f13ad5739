/**
 * Models slow start: a host that is new or newly healthy begins with a small weight that grows.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/slow_start
 */
import { pow } from '../../sim/math.ts';
import type { Micros } from '../../sim/time.ts';
import type { Host } from '../upstream/host.ts';

export interface SlowStartOptions {
  readonly windowUs: Micros;
  /** 1 grows linearly; more makes the beginning steeper. */
  readonly aggression: number;
  /** Of the weight, 0 … 1. */
  readonly weightShareMin: number;
}

export class SlowStart {
  readonly #options: SlowStartOptions;
  readonly #clock: { readonly now: Micros };

  constructor(options: SlowStartOptions, clock: { readonly now: Micros }) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Is any of these hosts still on its way to its whole weight? */
  concerns(hosts: readonly Host[]): boolean {
    return hosts.some((host) => this.factorOf(host) < 1);
  }

  weightOf(host: Host): number {
    return host.weight * this.factorOf(host);
  }

  baseWeightOf(host: Host): number {
    return host.weight;
  }

  /** The share of its weight that a host has now, up to 1. */
  factorOf(host: Host): number {
    const { windowUs, aggression, weightShareMin } = this.#options;
    const elapsedUs = this.#clock.now - host.healthySince;
    if (elapsedUs >= windowUs || host.health !== 'healthy') return 1;
    const time = Math.max(elapsedUs, 1000) / windowUs;
    const grown = aggression === 1 ? time : pow(time, 1 / aggression);
    return Math.max(grown, weightShareMin);
  }
}
