import { describe, expect, test } from 'vitest';
import { ActiveFaults } from '../../src/faults/active-faults.ts';
import { FAULTS, injectFault } from '../../src/faults/catalogue.ts';
import type { FaultPod, FaultWorld } from '../../src/faults/world.ts';
import { Network } from '../../src/sim/network/network.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { SECOND } from '../../src/sim/time.ts';

function world() {
  const network = new Network(new Simulation(1));
  const attach = (name: string, ip: string, zone: string) =>
    network.attach({ name, ips: [ip], zone, node: name });
  const external = attach('external', '192.0.2.1', '');
  const pod = (name: string, workload: string, ip: string, zone: string): FaultPod => ({
    id: `${name}.x`,
    workload: `${workload}.x`,
    network: attach(`${name}.x`, ip, zone),
    health: { delayUs: 0, errorPerMillion: 0, errorStatus: 500 },
  });
  const pods = [
    pod('a-1', 'a', '10.0.0.1', 'z1'),
    pod('b-1', 'b', '10.0.0.2', 'z1'),
    pod('b-2', 'b', '10.0.0.3', 'z2'),
  ];
  const killed: string[] = [];
  let runs = true;
  const faultWorld: FaultWorld = {
    network,
    pods: () => pods.filter(({ id }) => !killed.includes(id)),
    zones: ['z1', 'z2'],
    machine: (name) => (name === 'external' ? external : undefined),
    killPod: (id) => void killed.push(id),
    get istiodRuns() {
      return runs;
    },
    stopIstiod: () => void (runs = false),
    startIstiod: () => void (runs = true),
  };
  const isCut = (one: number, other: number) =>
    network.link(pods[one]!.network, pods[other]!.network).condition.partitioned;
  return { faultWorld, network, pods, killed, isCut, runs: () => runs };
}

function undoOf(result: ReturnType<typeof injectFault>): () => void {
  if (typeof result !== 'function') throw new Error(result.error);
  return result;
}

describe('faults', () => {
  test('slowness adds up and is taken back in any order', () => {
    const { faultWorld, pods } = world();
    const first = undoOf(injectFault(faultWorld, { kind: 'slow-pod', target: 'b-1.x', size: 100 }));
    undoOf(injectFault(faultWorld, { kind: 'slow-pod', target: 'b.x', size: 50 }));
    expect(pods.map(({ health }) => health.delayUs)).toEqual([0, 150_000, 50_000]);
    first();
    expect(pods.map(({ health }) => health.delayUs)).toEqual([0, 50_000, 50_000]);
  });

  test('an error rate is a share of answers', () => {
    const { faultWorld, pods } = world();
    const undo = undoOf(injectFault(faultWorld, { kind: 'error-rate', target: 'a-1.x', size: 30 }));
    expect(pods[0]!.health.errorPerMillion).toBe(300_000);
    undo();
    expect(pods[0]!.health.errorPerMillion).toBe(0);
  });

  test('a cut link is cut both ways, and no other', () => {
    const { faultWorld, isCut } = world();
    const undo = undoOf(injectFault(faultWorld, { kind: 'cut-link', target: 'a.x -> b-1.x' }));
    expect([isCut(0, 1), isCut(1, 0), isCut(0, 2)]).toEqual([true, true, false]);
    undo();
    expect(isCut(0, 1)).toBe(false);
  });

  test('a partitioned zone still works inside', () => {
    const { faultWorld, isCut } = world();
    undoOf(injectFault(faultWorld, { kind: 'partition-zone', target: 'z1' }));
    expect([isCut(0, 1), isCut(0, 2), isCut(2, 0)]).toEqual([false, true, true]);
  });

  test('killing a workload kills its pods', () => {
    const { faultWorld, killed } = world();
    undoOf(injectFault(faultWorld, { kind: 'kill-pod', target: 'b.x' }));
    expect(killed).toEqual(['b-1.x', 'b-2.x']);
  });

  test('istiod can be lost once and comes back', () => {
    const { faultWorld, runs } = world();
    const lose = { kind: 'lose-istiod', target: '' } as const;
    const undo = undoOf(injectFault(faultWorld, lose));
    expect(runs()).toBe(false);
    expect(injectFault(faultWorld, lose)).toHaveProperty('error');
    undo();
    expect(runs()).toBe(true);
  });

  test.each([
    [{ kind: 'slow-pod', target: 'nobody.x' }, 'no running pod or workload is called "nobody.x"'],
    [{ kind: 'cut-link', target: 'a.x' }, 'does not name two ends'],
    [{ kind: 'partition-zone', target: 'z9' }, 'there are z1, z2'],
    [{ kind: 'error-rate', target: 'a.x', size: 101 }, 'not between 0.1 and 100 percent'],
  ] as const)('%j is refused with its reason', (request, words) => {
    expect(injectFault(world().faultWorld, request)).toHaveProperty(
      'error',
      expect.stringContaining(words),
    );
  });

  test('the catalogue has an entry for each kind, under its name', () => {
    for (const [kind, entry] of Object.entries(FAULTS)) expect(entry.kind).toBe(kind);
  });
});

describe('faults in force', () => {
  test('a timed fault ends alone, and is reported', () => {
    const { faultWorld, network, pods } = world();
    const ended: string[] = [];
    const faults = new ActiveFaults(faultWorld, ({ id }) => void ended.push(id));
    faults.begin('f', { kind: 'slow-pod', target: 'a.x', forMs: 2_000 });
    network.simulation.runUntil(1 * SECOND);
    expect(faults.list().map(({ id }) => id)).toEqual(['f']);
    network.simulation.runUntil(3 * SECOND);
    expect([faults.list(), ended, pods[0]!.health.delayUs]).toEqual([[], ['f'], 0]);
  });

  test('a second fault of the same name replaces the first', () => {
    const { faultWorld, pods } = world();
    const faults = new ActiveFaults(faultWorld);
    faults.begin('f', { kind: 'slow-pod', target: 'a.x', size: 10 });
    faults.begin('f', { kind: 'slow-pod', target: 'a.x', size: 20 });
    expect(pods[0]!.health.delayUs).toBe(20_000);
    expect([faults.end('f'), faults.end('f')]).toEqual([true, false]);
  });
});
