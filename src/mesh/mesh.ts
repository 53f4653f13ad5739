/**
 * Models a running mesh: the composition root of the engine. Files become objects, objects pods,
 * pods applications and sidecars; load flows; what happens can be asked.
 *
 * Everything it does is decided by scene, seed and the actions it is given, in that order.
 */
import { originOf } from '../control-plane/origin.ts';
import { ActiveFaults } from '../faults/active-faults.ts';
import type { FaultWorld } from '../faults/world.ts';
import { ApiServer } from '../kube/api-server.ts';
import { startControllers } from '../kube/controllers/controllers.ts';
import { Kubelet } from '../kube/kubelet/kubelet.ts';
import type { Node } from '../kube/objects/cluster.ts';
import type { TextDiagnostic } from '../protocol/diagnostic.ts';
import type { Frame, Pin } from '../protocol/frame.ts';
import type { Journey } from '../protocol/journey.ts';
import type { Action, DocumentFate, InspectTarget, Inspection } from '../protocol/messages.ts';
import type { FaultRequest, LoadSource, Scene, SceneFile } from '../protocol/scene.ts';
import type { Topology } from '../protocol/topology.ts';
import { Network } from '../sim/network/network.ts';
import { Simulation } from '../sim/simulation.ts';
import { MS, SECOND, type Micros } from '../sim/time.ts';
import type { EventKind } from '../sim/trace.ts';
import { otlpDocument } from '../telemetry/tracing/otlp.ts';
import type { CommandResult } from '../workloads/commands/command.ts';
import type { Resolver } from '../workloads/http/client.ts';
import { registerWebhooks } from './admission.ts';
import { applyFiles } from './apply.ts';
import { ClusterDns } from './cluster-dns.ts';
import { ClusterView } from './cluster-view.ts';
import { ControlPlanes } from './control-planes.ts';
import { Ejections } from './ejections.ts';
import { faultWorld } from './fault-world.ts';
import { Frames } from './frames.ts';
import { inspect } from './inspect.ts';
import { journeyOf } from './journey.ts';
import { translate } from './kube-proxy.ts';
import { Load } from './load.ts';
import { Manifests } from './manifests.ts';
import { Moves } from './moves.ts';
import { Pins } from './pins.ts';
import { ISTIOD_MANIFEST } from './platform/istiod.ts';
import { PodRuntime } from './pod/pod-runtime.ts';
import {
  peerMetadataOf,
  proxyNodeOf,
  speaksDelta,
  workloadOf,
  xdsNodeOf,
} from './pod/proxy-identity.ts';
import type { PodSandbox } from './pod/sandbox.ts';
import { Sidecar } from './pod/sidecar.ts';
import { Points } from './points.ts';
import { propagationOf, type Propagation } from './propagation.ts';
import { settle } from './settle.ts';
import { meshTerminal } from './terminal/mesh-terminal.ts';
import { runLine, type TerminalWorld } from './terminal/terminal.ts';
import { topologyOf } from './topology.ts';
import { Traffic } from './traffic.ts';

export interface ActResult {
  readonly documents: readonly DocumentFate[];
  readonly diagnostics: readonly TextDiagnostic[];
  readonly output: string;
  readonly failed: boolean;
}

const TRUST_DOMAIN = 'cluster.local';
const ISTIOD_SERVICE = { namespace: 'istio-system', name: 'istiod', port: 15012 };
const NOTHING_DONE: ActResult = { documents: [], diagnostics: [], output: '', failed: false };

export class Mesh {
  readonly simulation: Simulation;
  readonly network: Network;
  readonly api: ApiServer;
  readonly traffic: Traffic;
  readonly runtime: PodRuntime;
  readonly controlPlanes: ControlPlanes;
  readonly #view: ClusterView;
  readonly #manifests = new Manifests();
  readonly #points = new Points();
  readonly #moves: Moves;
  readonly #frames: Frames;
  readonly #pins: Pins;
  readonly #ejections: Ejections;
  readonly #load: Load;
  readonly #resolver: Resolver;
  readonly #faults: ActiveFaults;
  readonly #faultWorld: FaultWorld;
  readonly #files = new Map<string, SceneFile>();
  readonly #terminal: TerminalWorld;
  readonly counts = { pushes: 0, nacks: 0 };
  /** What of the scene's own files was refused at the start, one line each. */
  readonly startProblems: string[] = [];
  #topology: Topology | undefined = undefined;
  #revision = 0;

  /** Builds the scene's mesh and lets it come to rest; load begins at that moment. */
  constructor(scene: Scene, seed: number) {
    const simulation = new Simulation(seed);
    this.simulation = simulation;
    this.network = new Network(simulation);
    this.api = new ApiServer(simulation, { createsNamespaces: true });
    this.#view = new ClusterView(this.api, () => this.#changed());
    const dns = new ClusterDns(this.#view);
    this.#resolver = { resolve: (host, namespace) => dns.resolve(host, namespace) };
    this.#pins = new Pins(simulation.trace);
    this.#ejections = new Ejections(simulation.trace, () => this.#changed());
    this.traffic = new Traffic({
      simulation,
      workloadOf: (podId) => this.#view.workloadOf(podId),
      workloadAt: (ip) => this.#view.workloadAt(ip),
      endedWithoutAnswer: (id, point) => this.#moves.endedWithoutAnswer(id, point, simulation.now),
    });
    this.#moves = new Moves(this.#points, this.traffic.sampling, (name) => this.#hasHalves(name));
    this.#frames = new Frames(simulation, this.traffic, this.#moves);
    this.network.onTransit = this.#moves.onTransit;
    const chance = simulation.random('kube-proxy');
    this.network.translateService = (_from, to) => translate(to, this.#view, chance);
    this.controlPlanes = new ControlPlanes(this.api, TRUST_DOMAIN);
    registerWebhooks(this.api, () => this.controlPlanes.isRunning);
    this.runtime = new PodRuntime({
      api: this.api,
      network: this.network,
      resolver: this.#resolver,
      observer: this.traffic,
      nextRequestId: () => this.traffic.nextRequestId(),
      onSandboxes: () => this.#podsChanged(),
      images: {
        startSidecar: (sandbox) => this.#newSidecar(sandbox),
        startIstiod: (sandbox) => this.controlPlanes.start(sandbox),
      },
    });
    this.#load = new Load({
      network: this.network,
      resolver: this.#resolver,
      listener: this.traffic,
      podsOf: (from) => this.#podsOf(from),
    });
    this.#terminal = meshTerminal({
      api: this.api,
      runtime: this.runtime,
      controlPlanes: this.controlPlanes,
      manifests: this.#manifests,
      resolver: this.#resolver,
      files: this.#files,
      outside: () => this.#load.outside().client.network,
      nextRequestId: () => this.traffic.nextRequestId(),
    });
    new Kubelet(this.api, this.runtime);
    startControllers(this.api);
    this.#faultWorld = faultWorld({
      network: this.network,
      api: this.api,
      runtime: this.runtime,
      controlPlanes: this.controlPlanes,
    });
    this.#faults = new ActiveFaults(this.#faultWorld, (ended) => this.#faultEnded(ended.fault));
    simulation.trace.subscribe((kind) => this.#count(kind));
    this.#begin(scene);
  }

  /**
   * Whether journals and moves are kept. Nobody looks at a replay under way; what happens is the
   * same either way.
   */
  get isWatched(): boolean {
    return this.network.onTransit !== undefined;
  }

  set isWatched(isWatched: boolean) {
    this.network.onTransit = isWatched ? this.#moves.onTransit : undefined;
    this.traffic.sampling.isOff = !isWatched;
    if (isWatched) this.#frames.begin();
  }

  /** See Simulation.runUntil. */
  runUntil(time: Micros, eventsMax = Infinity): boolean {
    return this.simulation.runUntil(time, eventsMax);
  }

  /** Runs until a watched request has made its next move, at most a second. */
  stepHop(): void {
    const deadline = this.simulation.now + SECOND;
    const before = this.#moves.requestMoves;
    while (this.#moves.requestMoves === before && this.simulation.nextTime <= deadline)
      this.simulation.step();
  }

  /** Does what a person, a lesson or a script asks, at the present moment. */
  act(action: Action): ActResult {
    switch (action.type) {
      case 'apply':
        return this.#apply(action.files);
      case 'exec':
        return this.#exec(action.line);
      case 'fault':
        return this.#fault(action.id, action.fault);
      case 'end-fault':
        this.#faults.end(action.id);
        return NOTHING_DONE;
      case 'load':
        this.#load.set(action.source);
        return NOTHING_DONE;
    }
  }

  faults(): { readonly id: string; readonly fault: FaultRequest; readonly sinceUs: Micros }[] {
    return [...this.#faults.list()];
  }

  load(): readonly LoadSource[] {
    return this.#load.sources;
  }

  /** The same object until something in it changes. */
  topology(): Topology {
    this.#topology ??= topologyOf(++this.#revision, {
      api: this.api,
      runtime: this.runtime,
      points: this.#points,
      ejections: this.#ejections,
      proxyStatus: this.controlPlanes.proxyStatus(),
      faultsOf: (podId) => this.#faultsOf(podId),
      hasOutside: this.#load.sources.some(({ from }) => from === 'external'),
    });
    return this.#topology;
  }

  takeFrame(): Frame {
    return this.#frames.take();
  }

  takePins(): readonly Pin[] {
    return this.#pins.take();
  }

  /** How far the newest configuration has got. */
  propagation(): Propagation {
    const { istiods } = this.controlPlanes;
    const isPushing = istiods.some((istiod) => !istiod.isIdle);
    return propagationOf(this.controlPlanes.proxyStatus(), this.#frames.pushRevision, isPushing);
  }

  journey(requestId: number): Journey | undefined {
    const record = this.traffic.book.find(requestId);
    if (!record) return undefined;
    return journeyOf(record, {
      originOf,
      placeOf: (key, path) => this.#manifests.place(key, path),
    });
  }

  inspect(target: InspectTarget): Inspection {
    return inspect(target, {
      api: this.api,
      runtime: this.runtime,
      proxyStatus: this.controlPlanes.proxyStatus(),
      istiods: this.controlPlanes.istiods.map(({ name, version }) => ({ name, version })),
    });
  }

  /** Lines of the terminal, as `exec` and as actions run them. */
  exec(line: string): CommandResult {
    return runLine(line, this.#terminal);
  }

  /** What Prometheus would scrape. */
  prometheusText(): string {
    return this.traffic.metrics.text();
  }

  /** The spans of watched requests, as an OTLP exporter would have sent them. */
  otlpText(): string {
    return `${JSON.stringify(otlpDocument(this.traffic.spans.all()))}\n`;
  }

  /** All access logs, pod by pod. */
  accessLogText(): string {
    const lines: string[] = [];
    for (const pod of this.runtime.sandboxes.keys())
      for (const { line } of this.traffic.accessLogs.lines(pod)) lines.push(`${pod} ${line}`);
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  #count({ name }: EventKind): void {
    if (!name.startsWith('xds.')) return;
    // who is in sync, behind or refusing is part of the picture
    this.#changed();
    if (name === 'xds.push') this.counts.pushes += 1;
    if (name === 'xds.nack') this.counts.nacks += 1;
  }

  #begin(scene: Scene): void {
    const istiod = { path: 'istiod.yaml', text: ISTIOD_MANIFEST };
    applyFiles([istiod], this.api, new Manifests());
    // the webhooks live in istiod: pods that are to be injected wait for it
    settle(this.simulation, this.api, () => this.controlPlanes.isRunning);
    const { documents } = this.#apply([...scene.platform, ...scene.files]);
    for (const { path, kind, name, errors } of documents) {
      const which = kind === '' ? path : `${path}: ${kind} ${name}`;
      for (const error of errors) this.startProblems.push(`${which}: ${error}`);
    }
    settle(this.simulation, this.api, () => this.controlPlanes.istiods.every((one) => one.isIdle));
    this.#pins.take();
    for (const source of scene.load) this.#load.set(source);
    for (const [index, event] of scene.events.entries()) {
      if (event.exec !== undefined) this.#later(event.atMs, { type: 'exec', line: event.exec });
      if (event.fault) {
        const id = `scene-${index}`;
        this.#later(event.atMs, { type: 'fault', id, fault: event.fault });
      }
    }
    this.#frames.begin();
  }

  #later(atMs: number, action: Action): void {
    const run = (mesh: Mesh, what: Action) => void mesh.act(what);
    this.simulation.schedule(atMs * MS, run, this, action);
  }

  #apply(files: readonly SceneFile[]): ActResult {
    for (const file of files) this.#files.set(file.path, file);
    const { documents, diagnostics } = applyFiles(files, this.api, this.#manifests);
    const count = documents.filter(({ outcome }) => outcome !== 'unchanged').length;
    this.#pins.add({ timeUs: this.simulation.now, kind: 'apply', details: { documents: count } });
    this.#changed();
    const failed = documents.some(({ outcome }) => outcome === 'refused');
    return { documents, diagnostics, output: '', failed };
  }

  #exec(line: string): ActResult {
    const { output, exitCode } = this.exec(line);
    this.#pins.add({ timeUs: this.simulation.now, kind: 'exec', details: { line } });
    this.#changed();
    return { ...NOTHING_DONE, output, failed: exitCode !== 0 };
  }

  #fault(id: string, fault: FaultRequest): ActResult {
    const refused = this.#faults.begin(id, fault);
    this.#changed();
    if (refused) return { ...NOTHING_DONE, output: refused.error, failed: true };
    const { kind, target } = fault;
    const { now } = this.simulation;
    this.#pins.add({ timeUs: now, kind: 'fault', details: { fault: kind, target } });
    return NOTHING_DONE;
  }

  #faultEnded({ kind, target }: FaultRequest): void {
    const { now } = this.simulation;
    this.#pins.add({ timeUs: now, kind: 'fault-ended', details: { fault: kind, target } });
    this.#changed();
  }

  #faultsOf(podId: string): readonly string[] {
    const workload = this.#view.workloadOf(podId);
    return this.#faults
      .list()
      .filter(({ fault }) => fault.target === podId || fault.target === workload)
      .map(({ fault }) => fault.kind);
  }

  #newSidecar(sandbox: PodSandbox): Sidecar {
    const { pod, facts, network } = sandbox;
    const node = this.api.get<Node>('Node', '', facts.node);
    const proxyNode = proxyNodeOf(pod, facts.ip, node);
    const metadata = peerMetadataOf(pod);
    return new Sidecar({
      id: sandbox.id,
      network,
      xdsNode: xdsNodeOf(proxyNode),
      metadata,
      locality: proxyNode.locality,
      resolveIstiod: () => this.#istiodAddress(),
      isDelta: speaksDelta(pod),
      journalFor: this.traffic.journalFor,
      lookup: (name) => {
        const ip = this.#resolver.resolve(name, facts.namespace);
        return ip === undefined ? [] : [ip];
      },
      observer: {
        onStreamComplete: (info) => this.traffic.streamCompleted(info, metadata),
        onAccessLog: (_path, line, info) => {
          this.traffic.logged(sandbox.id, line.trimEnd(), info);
          sandbox.log('istio-proxy', line.trimEnd());
        },
      },
    });
  }

  #istiodAddress(): { ip: string; port: number } | undefined {
    const { namespace, name, port } = ISTIOD_SERVICE;
    const ip = this.#view.service(namespace, name)?.spec.clusterIP;
    return ip ? { ip, port } : undefined;
  }

  #podsOf(from: string): PodSandbox[] {
    const running = [...this.runtime.sandboxes.values()].filter((one) => one.applications.size > 0);
    const own = running.filter(({ id }) => id === from);
    if (own.length > 0) return own;
    return running.filter(({ pod, facts }) => `${workloadOf(pod)}.${facts.namespace}` === from);
  }

  #hasHalves(namespaceName: string): boolean {
    return this.runtime.sandboxes.has(namespaceName);
  }

  #podsChanged(): void {
    this.#load.podsChanged();
    this.#changed();
  }

  #changed(): void {
    this.#topology = undefined;
  }
}
