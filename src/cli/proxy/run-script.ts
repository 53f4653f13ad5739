/** Runs one proxy from a bootstrap against scripted upstreams and clients, in virtual time. */
import { Network } from '../../sim/network/network.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { Simulation } from '../../sim/simulation.ts';
import { MS, SECOND } from '../../sim/time.ts';
import { Proxy } from '../../proxy/proxy.ts';
import type { StreamInfo } from '../../proxy/stream-info.ts';
import { buildAnswer, healthOf, statsOf, type Answer, type Evidence } from './answer.ts';
import { loggingListeners } from './logging-listeners.ts';
import { ScriptedClient, type Exchange } from './scripted-client.ts';
import { ScriptedUpstream, type SeenRequest } from './scripted-upstream.ts';
import type { Script, StepSpec } from './script.ts';

/** Before the script: time for clusters to warm and first health checks to answer. */
const WARM_UP_US = 50 * MS;
/** A script that is not over by then never will be. */
const RUN_US_MAX = 600 * SECOND;

/** Loopback everywhere, as in the recordings: no delay worth naming. */
const LOOPBACK = { sameNamespaceUs: 20, sameNodeUs: 20, sameZoneUs: 20, sameRegionUs: 20 };
/** Where an upstream lives that never answers a SYN: loopback itself always answers. */
const BLACKHOLE_IP = '192.0.2.';

export type RunResult = Answer | { readonly error: string };

export function runScript(bootstrap: object, script: Script, seed: number): RunResult {
  const simulation = new Simulation(seed);
  const network = new Network(simulation, LOOPBACK);
  const namespace = network.attach({ name: 'proxy', ips: ['127.0.0.1'] });
  const seen: SeenRequest[] = [];
  const names = new Map<string, string>();
  let text = JSON.stringify(loggingListeners(bootstrap));
  for (const [i, spec] of (script.upstreams ?? []).entries()) {
    names.set(spec.address, spec.name);
    if (spec.mode === 'blackhole') text = blackhole(network, text, spec, i, names);
    else new ScriptedUpstream(spec, namespace, seen);
  }
  const infos: StreamInfo[] = [];
  const connectionInfos: StreamInfo[] = [];
  const proxy = new Proxy({
    simulation,
    namespace,
    node: { id: 'proxy', cluster: 'proxy' },
    seedName: 'proxy',
    concurrency: 1,
    observer: {
      onStreamComplete: (info) => infos.push(info),
      onAccessLog: (path, _line, info) => {
        if (path === 'connection') connectionInfos.push(info);
      },
    },
  });
  const error = proxy.loadBootstrap(JSON.parse(text) as object);
  if (error !== undefined) return { error };
  simulation.runUntil(WARM_UP_US);
  const results = new Map<string, Exchange[] | object>();
  const runner = new StepRunner(script.steps, namespace, proxy, names, results);
  runner.start();
  while (!runner.isOver && simulation.pending > 0 && simulation.now < RUN_US_MAX) simulation.step();
  simulation.runUntil(simulation.now + (script.settle_ms ?? 100) * MS);
  const evidence: Evidence = { infos, connectionInfos, seen, names, proxy };
  const stats = script.compare?.stats ? statsOf(proxy, script.compare.stats) : undefined;
  const health = script.compare?.clusters
    ? healthOf(proxy, script.compare.clusters, names)
    : undefined;
  // Logs of connections that are still open are written when the proxy goes.
  proxy.stop();
  simulation.runUntil(simulation.now + SECOND);
  return buildAnswer(script, results, evidence, stats, health);
}

function blackhole(
  network: Network,
  text: string,
  spec: { readonly address: string; readonly name: string },
  i: number,
  names: Map<string, string>,
): string {
  const [ip, port] = spec.address.split(':') as [string, string];
  const elsewhere = `${BLACKHOLE_IP}${i + 1}`;
  names.set(`${elsewhere}:${port}`, spec.name);
  network.attach({ name: spec.name, ips: [elsewhere] }).up = false;
  return text.replaceAll(
    `{"address":"${ip}","port_value":${port}}`,
    `{"address":"${elsewhere}","port_value":${port}}`,
  );
}

/** Starts steps at their time, or once everything before has ended. */
class StepRunner {
  readonly #steps: readonly StepSpec[];
  readonly #namespace: NetworkNamespace;
  readonly #simulation: Simulation;
  readonly #proxy: Proxy;
  readonly #names: ReadonlyMap<string, string>;
  readonly #results: Map<string, Exchange[] | object>;
  #next = 0;
  #running = 0;
  #begin = 0;

  constructor(
    steps: readonly StepSpec[],
    namespace: NetworkNamespace,
    proxy: Proxy,
    names: ReadonlyMap<string, string>,
    results: Map<string, Exchange[] | object>,
  ) {
    this.#steps = steps;
    this.#namespace = namespace;
    this.#simulation = namespace.network.simulation;
    this.#proxy = proxy;
    this.#names = names;
    this.#results = results;
  }

  get isOver(): boolean {
    return this.#next >= this.#steps.length && this.#running === 0;
  }

  start(): void {
    this.#begin = this.#simulation.now;
    this.#advance();
  }

  #advance(): void {
    const step = this.#steps[this.#next];
    if (!step) return;
    if (step.at_ms === undefined) {
      if (this.#running > 0) return;
      this.#next += 1;
      this.#run(step);
      return;
    }
    this.#next += 1;
    this.#running += 1;
    const wait = Math.max(0, this.#begin + step.at_ms * MS - this.#simulation.now);
    this.#later(wait, () => {
      this.#running -= 1;
      this.#run(step);
      this.#advance();
    });
  }

  #run(step: StepSpec): void {
    if (step.observe) {
      const { stats = [], clusters = [] } = step.observe;
      this.#results.set(step.id, {
        stats: statsOf(this.#proxy, stats),
        clusters: healthOf(this.#proxy, clusters, this.#names),
      });
      if (step.at_ms === undefined) this.#advance();
      return;
    }
    if (step.admin !== undefined) {
      this.#results.set(step.id, { admin: 'OK' });
      if (step.admin.startsWith('/reset_counters')) this.#proxy.stats.resetCounters();
      if (step.at_ms === undefined) this.#advance();
      return;
    }
    this.#running += 1;
    this.#requests(step);
  }

  /** `concurrency` clients share `count` requests; request n starts n × interval after the step. */
  #requests(step: StepSpec): void {
    const count = step.count ?? 1;
    const results: Exchange[] = [];
    this.#results.set(step.id, results);
    const start = this.#simulation.now;
    const gap = (step.interval_ms ?? 0) * MS;
    let next = 0;
    let left = count;
    const work = (client: ScriptedClient): void => {
      const n = next++;
      if (n >= count) {
        client.close();
        return;
      }
      const wait = gap > 0 ? Math.max(0, start + n * gap - this.#simulation.now) : 0;
      this.#later(wait, () =>
        client.exchange(n, `${step.id}.${n}`, (result) => {
          results[n] = result;
          left -= 1;
          work(client);
          if (left > 0) return;
          this.#running -= 1;
          this.#advance();
        }),
      );
    };
    const clients = Math.min(step.concurrency ?? 1, count);
    for (let i = 0; i < clients; i++) work(new ScriptedClient(step, this.#namespace));
  }

  #later(delayUs: number, action: () => void): void {
    this.#simulation.schedule(delayUs, (run: () => void) => run(), action, undefined);
  }
}
