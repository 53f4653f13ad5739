/**
 * Models random choice: every host has the same chance, whatever its weight.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers#random
 */
import type { HostGroup } from '../upstream/host-set.ts';
import type { Host } from '../upstream/host.ts';
import type { HostPicker, PickerPolicy, RandomBits } from './load-balancer.ts';

export class RandomChoice implements PickerPolicy {
  readonly #random: RandomBits;

  constructor(random: RandomBits) {
    this.#random = random;
  }

  pickerFor(group: HostGroup): HostPicker {
    return new AnyOf(group.hosts, this.#random);
  }
}

class AnyOf implements HostPicker {
  readonly #hosts: readonly Host[];
  readonly #random: RandomBits;

  constructor(hosts: readonly Host[], random: RandomBits) {
    this.#hosts = hosts;
    this.#random = random;
  }

  pick(): Host | undefined {
    return this.#hosts[this.#random.uint32() % this.#hosts.length];
  }
}
