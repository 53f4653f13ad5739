import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Session } from '../../src/mesh/session.ts';
import type { LoadSource, SceneFile } from '../../src/protocol/scene.ts';
import { sharedFolder } from '../support/shared-data.ts';

const samples = sharedFolder('conformance/istio/samples');

const INJECTED: SceneFile = {
  path: 'namespace.yaml',
  text: 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: default\n  labels: {istio-injection: enabled}\n',
};
const LOAD: LoadSource = {
  id: 'readers',
  from: 'curl.default',
  url: 'http://productpage:9080/productpage',
  model: { kind: 'open', ratePerSecond: 20, arrivals: 'constant' },
};

function sample(name: string): SceneFile {
  return { path: name, text: fs.readFileSync(path.join(samples!, name), 'utf8') };
}

const networking = (name: string) => sample(`bookinfo/networking/${name}.yaml`);

/** Istio's own files, unmodified, in a namespace that is injected. */
function bookinfo(load: readonly LoadSource[] = [LOAD]): Session {
  const words = { 'hi-Latn': '', en: '' };
  return new Session(
    {
      id: 'bookinfo-samples',
      title: words,
      lead: words,
      seed: 7,
      platform: [
        INJECTED,
        sample('bookinfo/platform/kube/bookinfo.yaml'),
        sample('curl/curl.yaml'),
      ],
      files: [],
      load,
      events: [],
    },
    7,
  );
}

/** Requests that each version of a workload's app has answered since the start. */
function answeredBy(session: Session, app: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of session.mesh.prometheusText().split('\n')) {
    if (!line.startsWith('istio_requests_total{')) continue;
    if (!line.includes('reporter="destination"')) continue;
    if (!line.includes(`destination_app="${app}"`)) continue;
    const version = /destination_version="([^"]*)"/.exec(line)?.[1] ?? '';
    const value = Number(line.slice(line.lastIndexOf(' ')));
    counts.set(version, (counts.get(version) ?? 0) + value);
  }
  return counts;
}

function run(session: Session, seconds: number): void {
  session.advance(session.mesh.simulation.now + seconds * 1_000_000);
}

function apply(session: Session, ...files: SceneFile[]): void {
  const { documents } = session.act({ type: 'apply', files });
  expect(documents.filter(({ outcome }) => outcome === 'refused')).toEqual([]);
  run(session, 2);
}

describe.skipIf(!samples)("Istio's Bookinfo, unmodified", () => {
  let session: Session;
  beforeEach(() => {
    session = bookinfo();
  });

  it('starts with nothing refused and every page served', () => {
    run(session, 10);
    const { traffic, startProblems } = session.mesh;
    expect(startProblems).toEqual([]);
    expect([...traffic.tally.byOutcome.keys()]).toEqual(['200 -']);
    expect(traffic.tally.requests).toBeGreaterThan(190);
  });

  it('spreads reviews over three versions without rules, and sends all to v1 with them', () => {
    run(session, 30);
    const before = answeredBy(session, 'reviews');
    expect([...before.keys()].sort()).toEqual(['v1', 'v2', 'v3']);
    apply(session, networking('destination-rule-all'), networking('virtual-service-all-v1'));
    const settled = answeredBy(session, 'reviews');
    run(session, 20);
    const after = answeredBy(session, 'reviews');
    expect(after.get('v2')).toBe(settled.get('v2'));
    expect(after.get('v3')).toBe(settled.get('v3'));
    expect(after.get('v1')! - settled.get('v1')!).toBeGreaterThan(380);
  });

  it('splits 50/50 between v1 and v3 within the binomial band', () => {
    apply(session, networking('destination-rule-all'), networking('virtual-service-reviews-50-v3'));
    const before = answeredBy(session, 'reviews');
    run(session, 60);
    const after = answeredBy(session, 'reviews');
    const of = (version: string) => (after.get(version) ?? 0) - (before.get(version) ?? 0);
    const n = of('v1') + of('v3');
    // n = 60 s × 20/s; four standard deviations of a share of one half: 4 · √(n/4)
    expect(n).toBeGreaterThan(1150);
    expect(Math.abs(of('v1') - n / 2)).toBeLessThan(4 * Math.sqrt(n / 4));
    expect(of('v2')).toBe(0);
  });

  it('sends jason to v2 and everybody else to v1', () => {
    session = bookinfo([
      LOAD,
      {
        ...LOAD,
        id: 'jason',
        headers: { 'end-user': 'jason' },
        model: { kind: 'open', ratePerSecond: 5, arrivals: 'constant' },
      },
    ]);
    apply(
      session,
      networking('destination-rule-all'),
      networking('virtual-service-all-v1'),
      networking('virtual-service-reviews-test-v2'),
    );
    const before = answeredBy(session, 'reviews');
    run(session, 20);
    const after = answeredBy(session, 'reviews');
    const of = (version: string) => (after.get(version) ?? 0) - (before.get(version) ?? 0);
    expect(of('v2')).toBeGreaterThanOrEqual(98);
    expect(of('v2')).toBeLessThanOrEqual(102);
    expect(of('v1')).toBeGreaterThan(390);
    expect(of('v3')).toBe(0);
  });

  it('takes every one of its networking files', () => {
    const folder = path.join(samples!, 'bookinfo/networking');
    for (const file of fs.readdirSync(folder)) {
      // its Certificate is cert-manager's kind, which no plain cluster has
      if (file === 'certmanager-gateway.yaml') continue;
      const { documents } = session.act({
        type: 'apply',
        files: [sample(`bookinfo/networking/${file}`)],
      });
      expect({ file, refused: documents.flatMap(({ errors }) => errors) }).toEqual({
        file,
        refused: [],
      });
    }
  });
});
