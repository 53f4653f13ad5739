import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../src/ca/certificate-authority.ts';
import type { ConfigGenerator } from '../../src/control-plane/discovery/config-generator.ts';
import type { ProxyNode } from '../../src/control-plane/discovery/proxy-node.ts';
import { Istiod } from '../../src/control-plane/discovery/istiod.ts';
import type { WireMessage } from '../../src/sim/network/connection.ts';
import { Network } from '../../src/sim/network/network.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { EPOCH_MS, SECOND } from '../../src/sim/time.ts';
import { AdsClient } from '../../src/xds/ads-client.ts';
import { resourceName, type Resource } from '../../src/xds/resources/resource.ts';
import type { AnyResponse } from '../../src/xds/subscription.ts';
import { isWildcard, type XdsType } from '../../src/xds/type-url.ts';
import { sharedFolder } from '../support/shared-data.ts';
import { parseFeature, type Scenario } from './feature-file.ts';

/** A world of resources that are but a name and a version. */
class World implements ConfigGenerator<undefined> {
  readonly versions = new Map<XdsType, Map<string, string>>();

  rebuild(): undefined {
    return undefined;
  }

  generate(type: XdsType, _proxy: ProxyNode, names: readonly string[]): readonly Resource[] {
    const versions = this.versions.get(type) ?? new Map<string, string>();
    return [...versions]
      .filter(([name]) => names.length === 0 || names.includes(name))
      .map(([name, version]) =>
        type === 'EDS'
          ? { cluster_name: name, named_endpoints: { [version]: {} } }
          : { name, metadata: { filter_metadata: { test: { version } } } },
      );
  }
}

const versionOf = (resource: Resource) =>
  'cluster_name' in resource
    ? Object.keys((resource as { named_endpoints?: object }).named_endpoints ?? {})[0]!
    : (resource as unknown as { metadata: { filter_metadata: { test: { version: string } } } })
        .metadata.filter_metadata.test.version;

const list = (text: string) => text.replaceAll('"', '').split(',');

/** One run of a scenario: an istiod, a client and what went over the wire. */
class Stage {
  readonly #simulation = new Simulation(1);
  readonly #world = new World();
  readonly #wanted = new Map<XdsType, readonly string[] | undefined>();
  readonly #istiod: Istiod<undefined>;
  readonly #client: AdsClient;
  /** Since the last step that asked for something or changed something. */
  #recent: AnyResponse[] = [];
  readonly #received: AnyResponse[] = [];
  /** Steps that may have an answer. */
  #causes = 0;

  constructor(isDelta: boolean) {
    const network = new Network(this.#simulation);
    const authority = new CertificateAuthority(this.#simulation.random('ca'), {
      trustDomain: 'cluster.local',
      createdAtMs: EPOCH_MS,
    });
    const pod = network.attach({ name: 'istiod', ips: ['10.0.0.2'] });
    this.#istiod = new Istiod(pod, this.#world, authority);
    this.#client = new AdsClient(
      network.attach({ name: 'client', ips: ['10.0.0.1'] }),
      {
        apply: () => undefined,
        subscriptions: (type) => (this.#wanted.has(type) ? this.#wanted.get(type) : []),
      },
      {
        node: { id: 'sidecar~10.0.0.1~client.test~test.svc.cluster.local' },
        resolve: () => ({ ip: '10.0.0.2', port: 15012 }),
        isDelta,
      },
    );
    const take = this.#client.onMessage.bind(this.#client);
    this.#client.onMessage = (end, message: WireMessage) => {
      this.#recent.push(message as AnyResponse);
      this.#received.push(message as AnyResponse);
      take(end, message);
    };
  }

  setUp(types: readonly string[], names: readonly string[], version: string): void {
    for (const type of types)
      this.#world.versions.set(type as XdsType, new Map(names.map((name) => [name, version])));
    this.#istiod.start();
    this.#client.start();
    this.#settle();
  }

  subscribe(type: XdsType, names: readonly string[] | undefined, isMore: boolean): void {
    this.#recent = this.#recent.filter(({ xdsType }) => xdsType !== type);
    const before = isMore ? (this.#wanted.get(type) ?? []) : [];
    this.#wanted.set(type, names && [...new Set([...before, ...names])]);
    this.#client.subscriptionsChanged();
    this.#causes += 1;
    this.#settle();
  }

  unsubscribe(type: XdsType, name?: string): void {
    this.#recent = [];
    const left = (this.#wanted.get(type) ?? []).filter((one) => one !== name);
    this.#wanted.set(type, name === undefined ? [] : left);
    this.#client.subscriptionsChanged();
    this.#settle();
  }

  change(type: XdsType, name: string, version: string | undefined): void {
    this.#recent = [];
    if (version === undefined) this.#world.versions.get(type)!.delete(name);
    else this.#world.versions.get(type)!.set(name, version);
    this.#istiod.configChanged('Anything', name, 'test');
    this.#causes += 1;
    this.#settle();
  }

  /** The content version of a response is the newest that it carries. */
  expectReceived(type: XdsType, names: readonly string[], version: string): void {
    const responses = this.#recentOf(type);
    expect(responses).toHaveLength(1);
    const { resources } = responses[0]!;
    expect(resources.map(resourceName).sort()).toEqual([...names].sort());
    expect(resources.map(versionOf).sort().at(-1)).toBe(version);
  }

  expectNothing(type: XdsType): void {
    expect(this.#recentOf(type)).toEqual([]);
  }

  expectAlone(type: XdsType, name: string): void {
    const [response] = this.#recentOf(type);
    const alike = this.#received
      .filter((one) => one.xdsType === type && one.nonce === response!.nonce)
      .flatMap(({ resources }) => resources.map(resourceName));
    expect(alike).toEqual([name]);
  }

  expectRemoved(type: XdsType, name: string): void {
    const removed = this.#recentOf(type).map((one) =>
      one.type === 'delta-discovery-response' ? one.removedResources : [],
    );
    expect(removed).toEqual([[name]]);
  }

  expectNoMore(): void {
    const before = this.#received.length;
    this.#settle();
    expect(this.#received.length).toBe(before);
    expect(before).toBeLessThanOrEqual(this.#causes);
    expect(new Set(this.#received.map(({ nonce }) => nonce)).size).toBe(before);
    for (const { types } of this.#istiod.proxyStatus())
      for (const { state } of Object.values(types)) expect(['synced', 'not-sent']).toContain(state);
  }

  #recentOf(type: XdsType): AnyResponse[] {
    return this.#recent.filter(({ xdsType }) => xdsType === type);
  }

  #settle(): void {
    this.#simulation.runUntil(this.#simulation.now + 5 * SECOND);
  }
}

type Step = (stage: Stage, words: readonly string[]) => void;
const type = (word: string) => word as XdsType;

/** What the sentences of the feature files mean; words in quotes are arguments. */
const STEPS: readonly (readonly [pattern: RegExp, step: Step])[] = [
  [
    /^a target setup with .*service/,
    (stage, [types, names, version]) => stage.setUp(list(types!), list(names!), version!),
  ],
  [
    /^the Client does a wildcard subscription/,
    (stage, [xds]) => stage.subscribe(type(xds!), undefined, false),
  ],
  [
    /^the Client subscribes to resources/,
    (stage, [names, xds]) => stage.subscribe(type(xds!), list(names!), true),
  ],
  [
    /^the Client updates subscription to a resource/,
    (stage, [name, xds]) => stage.subscribe(type(xds!), [name!], false),
  ],
  [/^the Client unsubscribes from all resources/, (stage, [xds]) => stage.unsubscribe(type(xds!))],
  [
    /^the Client unsubscribes from resource /,
    (stage, [name, xds]) => stage.unsubscribe(type(xds!), name!),
  ],
  [
    /^the resource .* of service .* is updated/,
    (stage, [name, xds, version]) => stage.change(type(xds!), name!, version!),
  ],
  [
    /^the resource .* is added/,
    (stage, [name, xds, version]) => stage.change(type(xds!), name!, version!),
  ],
  [
    /^the resource .* is removed/,
    (stage, [name, xds]) => stage.change(type(xds!), name!, undefined),
  ],
  [
    /^the Client receives (only )?the resources? /,
    (stage, [names, version, xds]) => stage.expectReceived(type(xds!), list(names!), version!),
  ],
  [
    /^the resources .* came in a single response/,
    (stage, [names, version, xds]) => stage.expectReceived(type(xds!), list(names!), version!),
  ],
  [
    /^the Client receives notice that resource .* was removed/,
    (stage, [name, xds]) => stage.expectRemoved(type(xds!), name!),
  ],
  [
    /^the client does not receive (resource|any message)/i,
    (stage, words) => stage.expectNothing(type(words[1] ?? words[0]!)),
  ],
  [
    /^for service .*, no resource other than/,
    (stage, [xds, name]) => stage.expectAlone(type(xds!), name!),
  ],
  [/^the service never responds more than necessary/, (stage) => stage.expectNoMore()],
];

function run(scenario: Scenario, isDelta: boolean): void {
  const stage = new Stage(isDelta);
  for (const text of scenario.steps) {
    const step = STEPS.find(([pattern]) => pattern.test(text));
    if (!step) throw new Error(`nobody knows what this means: ${text}`);
    step[1](
      stage,
      [...text.matchAll(/"([^"]*)"/g)].map((match) => match[1]!),
    );
  }
}

const folder = sharedFolder('conformance/envoy/xds-features');

describe.skipIf(!folder)('a stream between istiod and a proxy', () => {
  const files = folder ? fs.readdirSync(folder).filter((name) => name.endsWith('.feature')) : [];
  const scenarios = files.flatMap((file) =>
    parseFeature(fs.readFileSync(path.join(folder!, file), 'utf8')).map((scenario) => ({
      file,
      ...scenario,
    })),
  );
  const tagged = (tag: string) =>
    scenarios
      .filter(({ tags }) => tags.includes(tag) && tags.includes('@aggregated'))
      .map((scenario): [string, Scenario] => {
        const examples = [...scenario.steps.join(' ').matchAll(/"([^"]*)"/g)].map((one) => one[1]!);
        return [`${scenario.name} (${[...new Set(examples)].join(' ')})`, scenario];
      });

  it('is described by scenarios for every type that they name', () => {
    const types = new Set(scenarios.map(({ name }) => /"(\w+)"/.exec(name)?.[1]));
    expect([...types].filter((one) => one && isWildcard(one as XdsType)).sort()).toEqual([
      'CDS',
      'LDS',
    ]);
    expect(tagged('@sotw').length).toBeGreaterThan(20);
    expect(tagged('@incremental').length).toBeGreaterThan(20);
  });

  it.each(tagged('@sotw'))('state of the world: %s', (_name, scenario) => run(scenario, false));
  it.each(tagged('@incremental'))('incremental: %s', (_name, scenario) => run(scenario, true));
});
