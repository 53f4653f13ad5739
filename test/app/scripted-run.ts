/**
 * A mesh worker that plays a fixed script, for component tests: four workloads behind a gateway,
 * the same requests every time. It models nothing; it only speaks the protocol.
 */
import {
  MOVE_FIELDS,
  MOVE_KIND,
  MOVE_MARK,
  type EdgeRates,
  type Rates,
} from '../../src/protocol/frame.ts';
import type { Journey } from '../../src/protocol/journey.ts';
import type { Command, Event } from '../../src/protocol/messages.ts';
import type { Scene } from '../../src/protocol/scene.ts';
import type { Topology, TopologyPod } from '../../src/protocol/topology.ts';
import type { WorkerLink } from '../../src/app/state/worker-link.ts';

const FRAME_US = 16_000;

interface PodScript {
  readonly workload: string;
  readonly version: string;
  readonly role?: TopologyPod['role'];
  readonly extra?: Partial<TopologyPod>;
}

const PODS: readonly PodScript[] = [
  { workload: 'istio-ingressgateway', version: '', role: 'ingress-gateway' },
  { workload: 'productpage-v1', version: 'v1' },
  { workload: 'details-v1', version: 'v1' },
  { workload: 'reviews-v1', version: 'v1' },
  { workload: 'reviews-v2', version: 'v2' },
  { workload: 'reviews-v3', version: 'v3' },
  { workload: 'ratings-v1', version: 'v1' },
];

export function scriptedTopology(
  extra: Readonly<Record<string, Partial<TopologyPod>>> = {},
): Topology {
  const names = PODS.map(({ workload }, index) => `${workload}-7c9d${index}`);
  const points = ['external', 'istiod'];
  const pods = PODS.map((script, index): TopologyPod => {
    const name = names[index] ?? '';
    const namespace = script.role ? 'istio-system' : 'default';
    points.push(`${name}.${namespace}/app`, `${name}.${namespace}/sidecar`);
    return {
      id: `${name}.${namespace}`,
      name,
      namespace,
      workload: script.workload,
      version: script.version,
      ip: `10.1.0.${index + 10}`,
      node: `node-${(index % 3) + 1}`,
      zone: `zone-${(index % 3) + 1}`,
      phase: 'Running',
      ready: true,
      role: script.role ?? 'application',
      sidecar: true,
      image: 'scripted',
      appPoint: 2 + index * 2,
      sidecarPoint: 3 + index * 2,
      sync: 'synced',
      faults: [],
      ejectedBy: [],
      ...extra[script.workload],
    };
  });
  const istiod: TopologyPod = {
    ...(pods[0] as TopologyPod),
    id: 'istiod-1.istio-system',
    name: 'istiod-1',
    workload: 'istiod',
    role: 'istiod',
    sidecar: false,
    appPoint: 1,
    sidecarPoint: 1,
  };
  const service = (name: string, workloads: readonly string[], port: number) => ({
    id: `${name}.default`,
    name,
    namespace: 'default',
    clusterIp: `10.96.0.${port % 250}`,
    ports: [{ name: 'http', port }],
    pods: pods.filter(({ workload }) => workloads.includes(workload)).map(({ id }) => id),
  });
  return {
    revision: 1,
    namespaces: [{ name: 'default', injected: true }],
    zones: ['zone-1', 'zone-2', 'zone-3'],
    pods: [...pods, istiod],
    services: [
      service('productpage', ['productpage-v1'], 9080),
      service('details', ['details-v1'], 9080),
      service('reviews', ['reviews-v1', 'reviews-v2', 'reviews-v3'], 9080),
      service('ratings', ['ratings-v1'], 9080),
    ],
    outside: [{ id: 'external', point: 0 }],
    points,
  };
}

const app = (pod: number) => 2 + pod * 2;
const sidecar = (pod: number) => 3 + pod * 2;

export interface ScriptWishes {
  readonly requestsPerSecond?: number;
  readonly pods?: Readonly<Record<string, Partial<TopologyPod>>>;
  readonly journey?: Journey;
  /** So many dots are always under way, on long slow moves. */
  readonly crowd?: number;
  /** The run breaks at this virtual time. */
  readonly crashAtUs?: number;
}

/** Plays on the real clock; `advance` moves it by hand in tests. */
export class ScriptedRun implements WorkerLink<Command, Event> {
  readonly heard: Command[] = [];
  readonly #wishes: ScriptWishes;
  readonly #startedUs = new Set<number>();
  #say: (event: Event) => void = () => undefined;
  #runId = '';
  #timeUs = 0;
  #request = 0;
  #playing = false;
  #speed = 1;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(wishes: ScriptWishes = {}) {
    this.#wishes = wishes;
  }

  listen(onMessage: (event: Event) => void): void {
    this.#say = onMessage;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** From now on time runs as on a wall. */
  start(): void {
    let beforeMs = performance.now();
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      if (this.#playing) this.advance((nowMs - beforeMs) * 1000 * this.#speed);
      beforeMs = nowMs;
    }, FRAME_US / 1000);
  }

  post(command: Command): void {
    this.heard.push(command);
    const { runId } = command;
    switch (command.type) {
      case 'open':
        this.#runId = runId;
        this.#timeUs = command.timeUs;
        this.#playing = command.playing;
        this.#say({ runId, type: 'opened', timeUs: 0, protocolVersion: 1 });
        this.#say({ runId, type: 'topology', topology: scriptedTopology(this.#wishes.pods) });
        break;
      case 'play':
        this.#playing = true;
        break;
      case 'pause':
        this.#playing = false;
        break;
      case 'speed':
        this.#speed = command.factor;
        break;
      case 'step':
        this.advance(1000);
        break;
      case 'seek':
        this.#timeUs = command.timeUs;
        this.advance(0);
        break;
      case 'journey':
        this.#say({
          runId,
          type: 'journey',
          requestId: command.requestId,
          journey: this.#wishes.journey ?? scriptedJourney(command.requestId),
        });
        break;
      case 'inspect':
        this.#say({
          runId,
          type: 'inspection',
          target: command.target,
          report: {
            title: 'scripted',
            tables: [
              {
                name: 'clusters',
                rows: [
                  ['SERVICE FQDN', 'PORT'],
                  ['reviews', '9080'],
                ],
              },
            ],
            documents: [{ name: 'config_dump', json: '{}' }],
          },
        });
        break;
      case 'act':
        this.#act(command);
        break;
      case 'close':
        break;
    }
  }

  advance(byUs: number): void {
    const previousUs = this.#timeUs;
    this.#timeUs += byUs;
    if (this.#timeUs > (this.#wishes.crashAtUs ?? Infinity)) return this.#crash();
    const rps = this.#wishes.requestsPerSecond ?? 12;
    const rows: number[] = [];
    const due = Math.floor((this.#timeUs / 1e6) * rps) - Math.floor((previousUs / 1e6) * rps);
    if (this.#wishes.crowd) rows.push(...this.#crowd(this.#wishes.crowd, previousUs));
    else for (let i = 0; i < due; i++) rows.push(...this.#oneRequest(previousUs));
    const second = Math.floor(this.#timeUs / 1e6);
    if (!this.#startedUs.has(second) && second % 4 === 1) {
      this.#startedUs.add(second);
      for (let pod = 0; pod < PODS.length; pod++) {
        rows.push(
          -second * 100 - pod,
          1,
          sidecar(pod),
          this.#timeUs,
          this.#timeUs + 900,
          MOVE_KIND.push,
          0,
          0,
        );
      }
      this.#pin('push', { proxies: 7 });
    }
    const runId = this.#runId;
    const total = rates(rps, 0.986);
    this.#say({
      runId,
      type: 'frame',
      frame: {
        timeUs: this.#timeUs,
        previousUs,
        moves: Float64Array.from(rows),
        sampling: 1,
        inFlight: 3,
        total: { ...total, byFlag: { '-': 120, URX: 2 } },
        edges: scriptedEdges(rps),
      },
    });
  }

  #pin(kind: 'push' | 'apply', details: Readonly<Record<string, string | number>>): void {
    const pins = [{ timeUs: this.#timeUs, kind, details }];
    this.#say({ runId: this.#runId, type: 'pins', pins });
  }

  #act(command: Extract<Command, { type: 'act' }>): void {
    const { runId, requestId, action } = command;
    this.#pin('apply', {});
    this.#say({
      runId,
      type: 'acted',
      requestId,
      timeUs: this.#timeUs,
      documents:
        action.type === 'apply'
          ? action.files.map(({ path }, index) => ({
              path,
              index,
              kind: 'VirtualService',
              namespace: 'default',
              name: 'reviews',
              outcome: 'configured' as const,
              errors: [],
              warnings: [],
            }))
          : [],
      diagnostics: [],
      output: action.type === 'exec' ? `ran ${action.line}` : '',
      failed: false,
    });
    const acked = scriptedTopology().pods.map(({ id }) => id);
    this.#say({ runId, type: 'propagation', acked, nacked: [], waiting: [] });
  }

  /** Moves of two seconds each, as many as make `crowd` of them overlap. */
  #crowd(crowd: number, previousUs: number): number[] {
    const rows: number[] = [];
    const lengthUs = 2_000_000;
    const due = Math.round((crowd * (this.#timeUs - previousUs)) / lengthUs);
    for (let i = 0; i < due; i++) {
      const request = ++this.#request;
      const to = sidecar(request % PODS.length);
      const status = request % 5 === 0 ? 503 : 200;
      const departUs = previousUs + i;
      rows.push(request, 0, to, departUs, departUs + lengthUs, MOVE_KIND.response, status, 4);
    }
    return rows;
  }

  #crash(): void {
    this.#playing = false;
    this.#say({
      runId: this.#runId,
      type: 'crashed',
      message: 'scripted mistake',
      seed: 1,
      eventNumber: 4711,
      stack: '',
    });
  }

  /** Outside → gateway → productpage → details, reviews (→ ratings) and back. */
  #oneRequest(atUs: number): number[] {
    const request = ++this.#request;
    const reviews = 3 + (request % 3);
    const status = request % 17 === 0 ? 503 : request % 23 === 0 ? 404 : 200;
    const rows: number[] = [];
    let us = atUs;
    const go = (from: number, to: number, kind: number, code: number, marks: number) => {
      rows.push(request, from, to, us, us + 400, kind, code, marks);
      us += 400;
    };
    const call = (from: number, to: number) => {
      go(from, sidecar(to), MOVE_KIND.request, 0, MOVE_MARK.mtls);
      go(sidecar(to), app(to), MOVE_KIND.request, 0, 0);
    };
    const back = (from: number, to: number, code: number) => {
      go(app(from), sidecar(from), MOVE_KIND.response, code, 0);
      go(sidecar(from), to, MOVE_KIND.response, code, MOVE_MARK.mtls);
    };
    go(0, sidecar(0), MOVE_KIND.request, 0, 0);
    call(sidecar(0), 1);
    go(app(1), sidecar(1), MOVE_KIND.request, 0, 0);
    if (status === 200) {
      call(sidecar(1), 2);
      back(2, sidecar(1), 200);
      call(sidecar(1), reviews);
      if (reviews > 3) {
        go(app(reviews), sidecar(reviews), MOVE_KIND.request, 0, 0);
        call(sidecar(reviews), 6);
        back(6, sidecar(reviews), 200);
        go(sidecar(reviews), app(reviews), MOVE_KIND.response, 200, 0);
      }
      back(reviews, sidecar(1), 200);
    }
    go(sidecar(1), app(1), MOVE_KIND.response, status, 0);
    back(1, sidecar(0), status);
    go(sidecar(0), 0, MOVE_KIND.response, status, MOVE_MARK.last);
    if (rows.length % MOVE_FIELDS !== 0) throw new Error('a move has eight fields');
    return rows;
  }
}

function rates(requestsPerSecond: number, success: number): Rates {
  return { requestsPerSecond, success, p50Ms: 3, p95Ms: 11, p99Ms: 40, byFlag: {} };
}

function scriptedEdges(rps: number): readonly EdgeRates[] {
  const edge = (from: string, to: string, share: number, mtls = true): EdgeRates => ({
    ...rates(rps * share, share === 1 ? 0.986 : 1),
    from,
    to,
    mtls,
  });
  return [
    edge('external', 'istio-ingressgateway.istio-system', 1, false),
    edge('istio-ingressgateway.istio-system', 'productpage-v1.default', 1),
    edge('productpage-v1.default', 'details-v1.default', 0.95),
    edge('productpage-v1.default', 'reviews-v1.default', 0.32),
    edge('productpage-v1.default', 'reviews-v2.default', 0.31),
    edge('productpage-v1.default', 'reviews-v3.default', 0.33),
    edge('reviews-v2.default', 'ratings-v1.default', 0.31),
    edge('reviews-v3.default', 'ratings-v1.default', 0.33),
  ];
}

export function scriptedJourney(requestId: number): Journey {
  const at = 'productpage-v1-7c9d1.default';
  const yaml = {
    path: 'reviews.yaml',
    line: 7,
    endLine: 12,
    kind: 'VirtualService',
    namespace: 'default',
    name: 'reviews',
  };
  return {
    requestId,
    from: at,
    method: 'GET',
    url: 'http://reviews:9080/reviews/0',
    headers: [['end-user', 'jason']],
    startUs: 1_000_000,
    endUs: 1_004_200,
    status: 503,
    flags: ['NC'],
    responseDetails: 'cluster_not_found',
    body: '',
    steps: [
      {
        timeUs: 1_000_020,
        at,
        code: 'listener-matched',
        resource: { type: 'listener', name: '0.0.0.0_9080' },
        details: {},
      },
      {
        timeUs: 1_000_050,
        at,
        code: 'route-not-matched',
        yaml,
        details: { reason: 'header end-user' },
      },
      {
        timeUs: 1_000_050,
        at,
        code: 'route-matched',
        resource: { type: 'route', name: 'default' },
        yaml,
        details: {},
      },
      {
        timeUs: 1_000_060,
        at,
        code: 'cluster-not-found',
        resource: { type: 'cluster', name: 'outbound|9080|v9|reviews.default.svc.cluster.local' },
        details: {},
      },
      { timeUs: 1_004_200, at, code: 'local-reply', details: { status: 503 } },
    ],
    accessLog: [
      {
        pod: at,
        line: '[2026-01-31T12:00:00.123Z] "GET /reviews/0 HTTP/1.1" 503 NC cluster_not_found',
      },
    ],
  };
}

export const SCRIPTED_SCENE: Scene = {
  id: 'scripted',
  title: { en: 'Scripted', 'hi-Latn': 'Scripted' },
  lead: { en: 'A fixture.', 'hi-Latn': 'A fixture.' },
  seed: 1,
  platform: [],
  files: [
    {
      path: 'reviews.yaml',
      text: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts: [reviews]
  http:
  - match:
    - headers: { end-user: { exact: jason } }
    route:
    - destination: { host: reviews, subset: v2 }
  - route:
    - destination: { host: reviews, subset: v1 }
`,
    },
    {
      path: 'destination-rule.yaml',
      text: 'apiVersion: networking.istio.io/v1\nkind: DestinationRule\n',
    },
  ],
  load: [
    {
      id: 'shoppers',
      from: 'external',
      url: 'http://productpage.default:9080/productpage',
      model: { kind: 'open', ratePerSecond: 12, arrivals: 'poisson' },
    },
  ],
  events: [],
};
