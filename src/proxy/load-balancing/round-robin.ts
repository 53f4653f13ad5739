/**
 * Models round robin: each host in turn, as often as its weight says.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers#weighted-round-robin
 */
import type { HostGroup } from '../upstream/host-set.ts';
import type { Host } from '../upstream/host.ts';
import { EdfScheduler } from './edf-scheduler.ts';
import type { HostPicker, PickerPolicy, RandomBits } from './load-balancer.ts';
import type { SlowStart } from './slow-start.ts';

/** Where in the turn a group stands; it survives updates of the group's hosts. */
interface Turn {
  index: number;
}

export class RoundRobin implements PickerPolicy {
  readonly #seed: number;
  readonly #slowStart: SlowStart | undefined;
  readonly #turns = new Map<string, Turn>();

  constructor(random: RandomBits, slowStart: SlowStart | undefined) {
    this.#seed = random.uint32();
    this.#slowStart = slowStart;
  }

  pickerFor(group: HostGroup): HostPicker {
    const { hosts } = group;
    const slowStart = this.#slowStart;
    if (areEqual(hosts) && !slowStart?.concerns(hosts))
      return new InTurn(hosts, this.#turnOf(group.key));
    return new EdfScheduler(
      hosts,
      (host) => (slowStart ? slowStart.weightOf(host) : host.weight),
      this.#seed,
    );
  }

  #turnOf(key: string): Turn {
    let turn = this.#turns.get(key);
    if (!turn) this.#turns.set(key, (turn = { index: this.#seed }));
    return turn;
  }
}

class InTurn implements HostPicker {
  readonly #hosts: readonly Host[];
  readonly #turn: Turn;

  constructor(hosts: readonly Host[], turn: Turn) {
    this.#hosts = hosts;
    this.#turn = turn;
  }

  pick(): Host | undefined {
    return this.#hosts[this.#turn.index++ % this.#hosts.length];
  }
}

/** Do all hosts have the same weight? */
export function areEqual(hosts: readonly Host[]): boolean {
  const weight = hosts[0]?.weight;
  return hosts.every((host) => host.weight === weight);
}
