import { describe, expect, it } from 'vitest';
import { BoundedLoad } from '../../../src/proxy/load-balancing/bounded-load.ts';
import { MaglevTable } from '../../../src/proxy/load-balancing/maglev.ts';
import { MersenneTwister } from '../../../src/proxy/load-balancing/mersenne-twister.ts';
import { murmurHash2 } from '../../../src/proxy/load-balancing/murmur-hash.ts';
import { HashRing } from '../../../src/proxy/load-balancing/ring-hash.ts';
import type { Host } from '../../../src/proxy/upstream/host.ts';
import { xxHash64 } from '../../../src/proxy/xx-hash.ts';
import { hostAt, vectors } from './vectors.ts';

interface Hashes {
  xxh64_seed0: Record<string, string>;
  xxh64_chain: { parts: string[]; hash: string }[];
  murmur2_64: Record<string, string>;
}

interface Tables {
  ring: {
    name: string;
    hosts: string[];
    weights: number[];
    min_ring_size: number;
    max_ring_size?: number;
    hash?: string;
    ring?: { hash: string; key: string }[];
    picks?: { hash: string; port: number }[];
    retry_picks_hash0?: { attempt: number; port: number }[];
    probe?: string;
    expect_counts?: number[];
  }[];
  maglev: {
    name: string;
    hosts: string[];
    weights?: number[];
    locality_weights?: number[];
    effective_locality_weights?: number[];
    table_size: number;
    table: number[];
  }[];
  maglev_retry: { hash: string; attempts: { attempt: number; port: number }[] };
}

const hashes = vectors<Hashes>('hash/hash.json');
const tables = vectors<Tables>('hash/ring_maglev.json');

function weighted(hosts: readonly Host[], weights: readonly number[]) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return hosts.map((host, i) => ({ host, weight: weights[i]! / total }));
}

function keyOf(host: Host, usesHostname: boolean): string {
  return usesHostname ? host.hostname : host.address;
}

describe.skipIf(!hashes)("Envoy's own hashes", () => {
  it('are those of xxHash64', () => {
    for (const [text, hash] of Object.entries(hashes!.xxh64_seed0))
      expect(xxHash64(text)).toBe(BigInt(hash));
    for (const { parts, hash } of hashes!.xxh64_chain)
      expect(parts.reduce((seed, part) => xxHash64(part, seed), 0n)).toBe(BigInt(hash));
  });

  it('are those of murmur2', () => {
    for (const [text, hash] of Object.entries(hashes!.murmur2_64))
      expect(murmurHash2(text)).toBe(BigInt(hash));
  });
});

describe.skipIf(!tables)("Envoy's own rings", () => {
  it.each(tables?.ring ?? [])('$name', (one) => {
    const usesHostname = !one.hosts[0]!.includes(':');
    const hosts = one.hosts.map((text, i) => hostAt(text, one.weights[i]));
    const ring = new HashRing(weighted(hosts, one.weights), {
      sizeMin: one.min_ring_size,
      sizeMax: one.max_ring_size ?? 8 * 1024 * 1024,
      usesMurmur: one.hash === 'MURMUR_HASH_2',
      usesHostname,
    });
    if (one.ring) {
      expect([...ring.hashes].map(String)).toEqual(one.ring.map(({ hash }) => hash));
      expect(ring.hosts.map((host) => keyOf(host, usesHostname))).toEqual(
        one.ring.map(({ key }) => key),
      );
    }
    for (const { hash, port } of one.picks ?? [])
      expect(ring.choose(BigInt(hash), 0)?.socket.port).toBe(port);
    for (const { attempt, port } of one.retry_picks_hash0 ?? [])
      expect(ring.choose(0n, attempt)?.socket.port).toBe(port);
    if (!one.expect_counts) return;
    const probes = Number(/\/(\d+)\)/.exec(one.probe ?? '')![1]);
    const step = 0xffff_ffff_ffff_ffffn / BigInt(probes);
    const counts = hosts.map(() => 0);
    for (let i = 0; i < probes; i++) counts[hosts.indexOf(ring.choose(BigInt(i) * step, 0)!)]! += 1;
    expect(counts).toEqual(one.expect_counts);
  });
});

describe.skipIf(!tables)("Envoy's own Maglev tables", () => {
  it.each(tables?.maglev ?? [])('$name', (one) => {
    const usesHostname = !one.hosts[0]!.includes(':');
    const hosts = one.hosts.map((text) => hostAt(text));
    const weights = one.weights ?? one.effective_locality_weights ?? one.locality_weights!;
    const table = new MaglevTable(weighted(hosts, weights), {
      tableSize: one.table_size,
      usesHostname,
    });
    expect(table.entries().map((host) => hosts.indexOf(host))).toEqual(one.table);
  });

  it('gives other hosts to further attempts', () => {
    const hosts = tables!.maglev[0]!.hosts.map((text) => hostAt(text));
    const equal = weighted(
      hosts,
      hosts.map(() => 1),
    );
    const table = new MaglevTable(equal, { tableSize: 7, usesHostname: false });
    const { hash, attempts } = tables!.maglev_retry;
    for (const { attempt, port } of attempts)
      expect(table.choose(BigInt(hash), attempt)?.socket.port).toBe(port);
  });
});

describe('bounded load', () => {
  it("shuffles with the C++ library's mt19937", () => {
    const random = new MersenneTwister(5489);
    let last = 0;
    for (let i = 0; i < 10_000; i++) last = random.uint32();
    // Required by the C++ standard: the 10000th number of a default seeded mt19937.
    expect(last).toBe(4_123_659_995);
  });

  it('passes over a host that has more than its share', () => {
    const hosts = ['10.0.0.1:80', '10.0.0.2:80'].map((text) => hostAt(text));
    const first = { choose: () => hosts[0] };
    const active = () => hosts[0]!.rqActive + hosts[1]!.rqActive;
    const bounded = new BoundedLoad(first, weighted(hosts, [1, 1]), 100, active);
    hosts[0]!.rqActive = 1;
    expect(bounded.choose(7n, 0)).toBe(hosts[0]);
    hosts[0]!.rqActive = 2;
    expect(bounded.choose(7n, 0)).toBe(hosts[0]);
    hosts[0]!.rqActive = 3;
    expect(bounded.choose(7n, 0)).toBe(hosts[1]);
  });
});
