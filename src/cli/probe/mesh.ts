/** A probe's mesh, put together from its parts: network, applications, sidecars, requests. */
import { natRulesOf } from '../../mesh/pod/istio-iptables.ts';
import { Proxy, type XdsType } from '../../proxy/proxy.ts';
import { Simulation } from '../../sim/simulation.ts';
import { SECOND } from '../../sim/time.ts';
import { stepAnswer } from './answer.ts';
import type { AnswerPlan, ProbeCase, ProxyPlan, Step } from './case.ts';
import { ProbeCertificates } from './certificates.ts';
import { ProbeCluster, type Place } from './cluster.ts';
import { logOf, type ProxyLog } from './proxy-log.ts';
import { isLogName, withOwnLogs } from './recorded-log.ts';
import { ScriptedApplication, type SeenRequest } from './scripted-application.ts';
import { StepRunner, type Sender } from './step-runner.ts';

/** istiod, as a proxy of a case asks it: `names` are those subscribed to, none for CDS and LDS. */
export interface ProbeIstiod {
  resources(type: XdsType, proxy: ProxyPlan, names: readonly string[]): readonly object[];
}

export interface ProbeOutcome {
  readonly steps: Readonly<Record<string, unknown>>;
  /** By pod and name. */
  readonly stats?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Sidecars have their configuration and connections of the start are over. */
const READY_AFTER_US = 1 * SECOND;
const SEED = 1;

/** Istio's bootstrap sets these; without them some of Envoy's answers differ. */
const RUNTIME: ReadonlyMap<string, unknown> = new Map([
  ['overload.global_downstream_max_connections', '2147483647'],
]);

/** Starts the mesh of a case, sends its requests, and says what came back: steps and statistics. */
export function runProbe(probe: ProbeCase, istiod: ProbeIstiod): ProbeOutcome {
  return new ProbeMesh(probe, istiod).run();
}

class ProbeMesh {
  readonly #probe: ProbeCase;
  readonly #simulation = new Simulation(SEED);
  readonly #cluster: ProbeCluster;
  readonly #applications = new Map<string, ScriptedApplication>();
  readonly #proxies = new Map<string, Proxy>();
  readonly #logs: ProxyLog[] = [];
  readonly #seen: SeenRequest[] = [];

  constructor(probe: ProbeCase, istiod: ProbeIstiod) {
    this.#probe = probe;
    this.#cluster = new ProbeCluster(this.#simulation, probe);
    for (const place of this.#cluster.places.values()) this.#startApplication(place);
    const certificates = new ProbeCertificates(this.#simulation);
    for (const plan of probe.setting.proxies) {
      const place = this.#cluster.places.get(plan.pod);
      // Of a pod that is off nothing listens, its sidecar neither.
      const isOn = probe.requests.apps?.[plan.pod] !== 'off';
      if (place && isOn) this.#startProxy(plan, place, istiod, certificates);
    }
  }

  run(): ProbeOutcome {
    const { requests } = this.#probe;
    this.#simulation.runUntil(READY_AFTER_US);
    const runner = new StepRunner(
      this.#simulation,
      (from) => this.#sender(from),
      (step) => this.#change(step),
    );
    runner.runAll(requests.steps, requests.settle_ms ?? 0);
    const steps: Record<string, unknown> = {};
    for (const run of runner.runs) {
      const isMine = (requestId: number, timeUs: number): boolean =>
        requestId === 0 ? runner.runAt(timeUs) === run : run.requestIds.has(requestId);
      const logs = this.#logs.filter(({ requestId, startUs }) => isMine(requestId, startUs));
      const seen = this.#seen.filter(({ requestId }) => run.requestIds.has(requestId));
      steps[run.step.id] = stepAnswer({ run, logs, seen });
    }
    return requests.stats ? { steps, stats: this.#statistics(requests.stats) } : { steps };
  }

  #startApplication(place: Place): void {
    const { requests } = this.#probe;
    const plan = requests.apps?.[place.name];
    if (plan === 'off' || plan === 'gone') return;
    const application = new ScriptedApplication({
      ...place,
      resolver: this.#cluster.resolver,
      seen: (request) => this.#seen.push(request),
    });
    this.#applications.set(place.name, application);
    const isGateway = this.#probe.setting.proxies.some(
      ({ pod, type }) => pod === place.name && type === 'router',
    );
    if (isGateway) return;
    for (const port of place.ports) {
      const script = plan?.[String(port)];
      if (script !== 'off') application.listen(port, script ?? [{}]);
    }
  }

  #startProxy(
    plan: ProxyPlan,
    place: Place,
    istiod: ProbeIstiod,
    certificates: ProbeCertificates,
  ): void {
    const { region = '', zone = '' } = plan;
    const proxy = new Proxy({
      simulation: this.#simulation,
      namespace: place.network,
      node: {
        id: plan.pod,
        cluster: plan.labels?.['app'] ?? 'istio-proxy',
        locality: { region, zone, subZone: '' },
      },
      seedName: plan.pod,
      runtime: RUNTIME,
      observer: {
        onStreamComplete: () => {},
        onAccessLog: (path, _line, info) => {
          if (!isLogName(path)) return;
          const named = (address: string): string => this.#cluster.named(address);
          this.#logs.push(logOf(path, info, this.#simulation.now, named));
        },
      },
    });
    this.#proxies.set(plan.pod, proxy);
    if (plan.type === 'sidecar') place.network.nat = natRulesOf({});
    const { requests } = this.#probe;
    const secrets = certificates.secretsOf(plan, requests.certificates?.[plan.pod]);
    if (plan.type === 'router')
      for (const [name, dnsNames] of Object.entries(requests.secrets ?? {}))
        secrets.push(certificates.credential(name, dnsNames));
    const apply = (type: XdsType, resources: readonly object[]): void => {
      const error = proxy.sink.apply(type, resources);
      if (error !== undefined) throw new Error(`${plan.pod} refuses ${type}: ${error}`);
    };
    apply('SDS', secrets);
    for (const type of ['CDS', 'EDS', 'LDS', 'RDS'] as const) {
      const resources = istiod.resources(type, plan, proxy.sink.subscriptions(type) ?? []);
      apply(type, type === 'LDS' ? resources.map(withOwnLogs) : resources);
    }
  }

  #sender(from: string): Sender | undefined {
    const place = this.#cluster.places.get(from);
    return place && { ...place, resolver: this.#cluster.resolver };
  }

  /** A step that changes an application instead of asking. */
  #change({ pod = '', port = 0, plan = [] }: Step): void {
    this.#applications.get(pod)?.follow(port, plan satisfies readonly AnswerPlan[]);
  }

  #statistics(
    wanted: NonNullable<ProbeCase['requests']['stats']>,
  ): Record<string, Record<string, number>> {
    const found: Record<string, Record<string, number>> = {};
    for (const [pod, names] of Object.entries(wanted)) {
      const values: Record<string, number> = {};
      for (const name of names) values[name] = this.#proxies.get(pod)?.stats.value(name) ?? 0;
      found[pod] = values;
    }
    return found;
  }
}
