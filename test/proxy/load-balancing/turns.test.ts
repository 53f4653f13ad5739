import { describe, expect, it } from 'vitest';
import { EdfScheduler } from '../../../src/proxy/load-balancing/edf-scheduler.ts';
import { LeastRequest } from '../../../src/proxy/load-balancing/least-request.ts';
import { RoundRobin } from '../../../src/proxy/load-balancing/round-robin.ts';
import { SlowStart } from '../../../src/proxy/load-balancing/slow-start.ts';
import { HostGroup } from '../../../src/proxy/upstream/host-set.ts';
import { SECOND } from '../../../src/sim/time.ts';
import { hostAt, vectors } from './vectors.ts';

interface Sequences {
  sequences: {
    name: string;
    seed_picks: number;
    steps: { op: 'rebuild' | 'set_weights'; weights: number[]; expect: number[] }[];
  }[];
  init_distribution: { weights: number[]; seeds: number[]; first_pick_counts: number[] };
  least_request_p2c: {
    cases: { active: number[]; choice_count: number; random: number[]; expect: number }[];
  };
}

const file = vectors<Sequences>('lb/lb_sequences.json');

describe.skipIf(!file)("Envoy's own sequences of picks", () => {
  it.each(file?.sequences ?? [])('$name', ({ seed_picks, steps }) => {
    let weights: number[] = [];
    let scheduler = new EdfScheduler<number>([], () => 1);
    for (const step of steps) {
      weights = step.weights;
      if (step.op === 'rebuild')
        scheduler = new EdfScheduler([...weights.keys()], (i) => weights[i]!, seed_picks);
      expect(step.expect.map(() => scheduler.pick())).toEqual(step.expect);
    }
  });

  it('begin everywhere when seeds differ', () => {
    const { weights, seeds, first_pick_counts } = file!.init_distribution;
    const counts = weights.map(() => 0);
    for (const seed of seeds)
      counts[new EdfScheduler([...weights.keys()], (i) => weights[i]!, seed).pick()!]! += 1;
    expect(counts).toEqual(first_pick_counts);
  });

  it.each(file?.least_request_p2c.cases ?? [])('least request of $choice_count', (one) => {
    const hosts = one.active.map((rqActive, i) => hostAt(`10.0.0.${i}:80`, 1, { rqActive }));
    // The first number chooses the priority, which here is decided already.
    const numbers = [0, ...one.random.slice(1)];
    const random = { uint32: () => numbers.shift() ?? 0 };
    const options = { choiceCount: one.choice_count, activeRequestBias: 1, fullScan: false };
    const policy = new LeastRequest(random, options, undefined);
    const picked = policy.pickerFor(new HostGroup('0/healthy', hosts)).pick({} as never);
    expect(hosts.indexOf(picked!)).toBe(one.expect);
  });
});

const group = (...weights: number[]) =>
  new HostGroup(
    '0/healthy',
    weights.map((weight, i) => hostAt(`10.0.0.${i}:80`, weight)),
  );

describe('round robin', () => {
  it('goes on where it was when the hosts change but their group does not', () => {
    const policy = new RoundRobin({ uint32: () => 0 }, undefined);
    const before = group(1, 1, 1);
    const after = group(1, 1, 1);
    const picker = policy.pickerFor(before);
    expect([1, 2].map(() => before.hosts.indexOf(picker.pick({} as never)!))).toEqual([0, 1]);
    expect(after.hosts.indexOf(policy.pickerFor(after).pick({} as never)!)).toBe(2);
  });
});

describe('least request', () => {
  it('finds the idlest of all hosts with a full scan', () => {
    const options = { choiceCount: 2, activeRequestBias: 1, fullScan: true };
    const policy = new LeastRequest({ uint32: () => 0 }, options, undefined);
    const hosts = group(1, 1, 1, 1);
    hosts.hosts.forEach((host, i) => (host.rqActive = [3, 1, 2, 5][i]!));
    expect(policy.pickerFor(hosts).pick({} as never)).toBe(hosts.hosts[1]);
  });
});

describe('slow start', () => {
  it('grows from the least share to the whole over the window', () => {
    const clock = { now: 0 };
    const slowStart = new SlowStart(
      { windowUs: 60 * SECOND, aggression: 1, weightShareMin: 0.1 },
      clock,
    );
    const host = hostAt('10.0.0.1:80', 10);
    const at = (seconds: number) => {
      clock.now = seconds * SECOND;
      return slowStart.weightOf(host);
    };
    expect([0, 6, 30, 60, 100].map(at)).toEqual([1, 1, 5, 10, 10]);
  });
});
