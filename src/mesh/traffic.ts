/**
 * Models what is known of the traffic: who sends, what became of it, and the numbers made of that.
 *
 * Hears of each request from its sender (load generator or terminal), of each stream from each
 * proxy, and of what applications do in between. Changes nothing that happens.
 */
import { flagsText, type StreamInfo } from '../proxy/stream-info.ts';
import type { PeerMetadata } from '../proxy/wire.ts';
import type { Journal } from '../proxy/journal.ts';
import type { LoadSource } from '../protocol/scene.ts';
import type { HeaderMap } from '../proxy/http/header-map.ts';
import type { Simulation } from '../sim/simulation.ts';
import { SECOND } from '../sim/time.ts';
import { AccessLogStore } from '../telemetry/access-log-store.ts';
import { IstioMetrics } from '../telemetry/metrics/istio-metrics.ts';
import { MetricsRegistry } from '../telemetry/metrics/registry.ts';
import { reportFromStream } from '../telemetry/metrics/report-from-stream.ts';
import { TrafficRates } from '../telemetry/rates/traffic-rates.ts';
import { SpanStore } from '../telemetry/tracing/span-store.ts';
import { spanFromStream } from '../telemetry/tracing/span-from-stream.ts';
import type { ApplicationObserver, PodFacts } from '../workloads/application.ts';
import type { ClientRequest } from '../workloads/http/client.ts';
import type { HttpOutcome } from '../workloads/http/outcome.ts';
import type { LoadListener, LoadOrigin } from '../workloads/load/generator.ts';
import { RequestBook } from './request-book.ts';
import { Sampling } from './sampling.ts';
import { TrafficTally } from './tally.ts';

/** What traffic has to ask the rest of the mesh. */
export interface TrafficSurroundings {
  readonly simulation: Simulation;
  /** "WORKLOAD.NS" of a pod id or of the pod at an address; undefined: not a pod. */
  workloadOf(podId: string): string | undefined;
  workloadAt(ip: string): string | undefined;
  /** A watched request ended without an HTTP answer at this place. */
  endedWithoutAnswer(requestId: number, point: string): void;
}

const OUTSIDE = 'external';
const IN_FLIGHT_FLAGS_MAX = 200_000;

export class Traffic implements LoadListener, ApplicationObserver {
  readonly book = new RequestBook();
  readonly sampling = new Sampling();
  readonly metrics: MetricsRegistry;
  readonly accessLogs = new AccessLogStore();
  readonly rates = new TrafficRates();
  readonly tally = new TrafficTally();
  /** Spans of watched requests. */
  readonly spans = new SpanStore();
  readonly #istio: IstioMetrics;
  readonly #surroundings: TrafficSurroundings;
  /** What the outermost proxy so far said of a request that is still under way. */
  readonly #flags = new Map<number, string>();
  #lastRequestId = 0;
  #inFlight = 0;
  #sampledSecond = -1;
  #lastSpan = 0;

  constructor(surroundings: TrafficSurroundings) {
    this.#surroundings = surroundings;
    this.metrics = new MetricsRegistry();
    this.#istio = new IstioMetrics(this.metrics);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  readonly journalFor = (requestId: number): Journal | undefined =>
    requestId === 0 ? undefined : this.book.find(requestId);

  nextRequestId(): number {
    this.#lastRequestId += 1;
    return this.#lastRequestId;
  }

  sent(_source: LoadSource, origin: LoadOrigin, request: ClientRequest): void {
    this.begin(origin.name, request);
  }

  done(source: LoadSource, origin: LoadOrigin, outcome: HttpOutcome): void {
    this.end(origin.name, outcome, source.id);
  }

  /** Somebody sends a request. */
  begin(from: string, request: ClientRequest): void {
    const { now } = this.#surroundings.simulation;
    const requestId = request.requestId ?? 0;
    this.#inFlight += 1;
    this.sampling.requestStarts(now);
    if (!this.sampling.isWatched(requestId)) return;
    const { method, url, headers = [] } = request;
    this.book.open({ requestId, from, method, url, headers, startUs: now });
  }

  /** Its sender knows what became of it. */
  end(from: string, outcome: HttpOutcome, source: string): void {
    const { now } = this.#surroundings.simulation;
    const { requestId, status, durationUs } = outcome;
    this.#inFlight -= 1;
    const flags = this.#flags.get(requestId) ?? '-';
    this.#flags.delete(requestId);
    this.rates.recordTotal({ endUs: now, durationUs, succeeded: isSuccess(status), flags });
    this.tally.add(source, status, flags, durationUs);
    const record = this.book.find(requestId);
    if (!record) return;
    record.end = { endUs: now, status, body: outcome.body, error: outcome.error ?? '' };
    if (status !== 0) return;
    const point = from === OUTSIDE ? from : `${from}/app`;
    this.#surroundings.endedWithoutAnswer(requestId, point);
  }

  /** For the proxy of a pod. */
  streamCompleted(info: StreamInfo, self: PeerMetadata): void {
    this.#sampleEachSecond();
    this.#istio.record(reportFromStream(info, self));
    if (info.requestId > 0 && this.#flags.size < IN_FLIGHT_FLAGS_MAX)
      this.#flags.set(info.requestId, flagsText(info.flags));
    this.#recordEdge(info, self);
    if (this.book.find(info.requestId)) this.#addSpan(info, self);
  }

  logged(pod: string, line: string, info: StreamInfo): void {
    const { now } = this.#surroundings.simulation;
    this.accessLogs.add(pod, { timeUs: now, line, requestId: info.requestId });
    const { flags, details } = info;
    this.book.find(info.requestId)?.logged.push({ node: pod, flags, details, line });
  }

  received(pod: PodFacts, requestId: number, method: string, path: string): void {
    this.#note(pod, requestId, 'app-received', { method, path });
  }

  called(pod: PodFacts, requestId: number, url: string): void {
    this.#note(pod, requestId, 'app-called', { url });
  }

  answered(pod: PodFacts, requestId: number, status: number, _headers: HeaderMap): void {
    this.#note(pod, requestId, 'app-answered', { status });
  }

  returned(): void {
    // what a call brought back stands in the journal of the calling proxy
  }

  /** A scrape a second, taken when something happens in it: costs no event. */
  #sampleEachSecond(): void {
    const { now } = this.#surroundings.simulation;
    const second = Math.floor(now / SECOND);
    if (second === this.#sampledSecond) return;
    this.#sampledSecond = second;
    this.metrics.sample(now);
  }

  #note(
    pod: PodFacts,
    requestId: number,
    code: 'app-received' | 'app-called' | 'app-answered',
    details: Readonly<Record<string, string | number>>,
  ): void {
    const record = requestId === 0 ? undefined : this.book.find(requestId);
    const { now } = this.#surroundings.simulation;
    record?.note({ time: now, node: `${pod.name}.${pod.namespace}`, code, details });
  }

  #addSpan(info: StreamInfo, { workload, namespace }: PeerMetadata): void {
    this.#lastSpan += 1;
    const span = spanFromStream(info, `${workload}.${namespace}`, this.#lastSpan);
    if (span) this.spans.add(span);
  }

  /** The caller's proxy speaks for an edge; where there is none, the callee's does. */
  #recordEdge(info: StreamInfo, self: PeerMetadata): void {
    const own = workloadName(self);
    const sample = {
      endUs: info.endTime,
      durationUs: info.endTime - info.startTime,
      succeeded: info.kind === 'tcp' ? info.flags.length === 0 : isSuccess(info.status),
      flags: flagsText(info.flags),
    };
    // a caller without a proxy of its own says nothing: the workload or gateway it calls does
    if (!info.downstreamPeer) {
      const caller = this.#surroundings.workloadAt(info.downstreamRemote.ip) ?? OUTSIDE;
      if (caller !== own) this.rates.recordEdge(caller, own, info.tls !== undefined, sample);
    }
    if (info.direction === 'inbound') return;
    const mtls = info.upstreamConnection?.isTls ?? false;
    this.rates.recordEdge(own, this.#destinationOf(info), mtls, sample);
  }

  #destinationOf({ upstreamPeer, upstreamHost, cluster }: StreamInfo): string {
    if (upstreamPeer) return workloadName(upstreamPeer);
    const ip = upstreamHost?.address.split(':')[0];
    return (ip && this.#surroundings.workloadAt(ip)) || serviceOfCluster(cluster) || OUTSIDE;
  }
}

const workloadNames = new WeakMap<PeerMetadata, string>();

/** "reviews-v1.default"; joined once, since each request asks for it. */
function workloadName(peer: PeerMetadata): string {
  let name = workloadNames.get(peer);
  if (name === undefined) workloadNames.set(peer, (name = `${peer.workload}.${peer.namespace}`));
  return name;
}

function isSuccess(status: number): boolean {
  return status > 0 && status < 500;
}

/** "outbound|80||reviews.default.svc.cluster.local" → "reviews.default"; "" for others. */
function serviceOfCluster(cluster: string): string {
  const host = cluster.split('|')[3];
  return host ? host.split('.').slice(0, 2).join('.') : '';
}
