import { MOVE, MOVE_FIELDS, MOVE_KIND, type EdgeRates, type Frame } from '../../protocol/frame.ts';
import type { LoadSource } from '../../protocol/scene.ts';
import type { Topology } from '../../protocol/topology.ts';
import { placeCards, type Call, type Siblings, type Spot } from './layout.ts';
import { Tracks } from './tracks.ts';
import { PodSlots } from './pod-slots.ts';
import { gatherWorkloads, isGhost, withGhosts, type Workload } from './workloads.ts';

/** Until the first calls are known the layout may still change; after that it stays put. */
const SETTLES_AFTER_MS = 1500;

/** Where everything stands on the stage. */
export class Placement {
  #topology = $state.raw<Topology>();
  #calls = $state.raw<readonly Call[]>([]);
  #kept = $state.raw<ReadonlyMap<string, Spot>>(new Map());
  workloads = $state.raw<readonly Workload[]>([]);
  readonly spots = $derived(placeCards(this.workloads, this.#calls, this.#siblings(), this.#kept));
  readonly tracks = $derived(
    this.#topology ? new Tracks(this.#topology, this.workloads, this.spots) : undefined,
  );
  #slots = new PodSlots();
  #known = new Set<string>();
  #firstCallAtMs: number | undefined;
  /** False after a rewind: what the future had is not missing in the past. */
  #keepsGhosts = true;

  get calls(): readonly Call[] {
    return this.#calls;
  }

  /** A new run: nothing is known about who calls whom but where load goes. */
  begin(): void {
    this.#topology = undefined;
    this.workloads = [];
    this.#slots.clear();
    this.#calls = [];
    this.#kept = new Map();
    this.#known.clear();
    this.#firstCallAtMs = undefined;
  }

  show(topology: Topology, load: readonly LoadSource[]): void {
    if (this.#settled()) this.#kept = new Map([...this.#kept, ...this.spots]);
    this.#topology = topology;
    const workloads = gatherWorkloads(topology, this.#slots);
    this.workloads = this.#keepsGhosts ? withGhosts(this.workloads, workloads) : workloads;
    this.#keepsGhosts = true;
    for (const source of load) this.#expect(source, topology);
  }

  learnEdges(edges: readonly EdgeRates[]): void {
    for (const { from, to } of edges) this.#learn(from, to);
  }

  /** Who calls whom is seen in the requests themselves, before any rate is known. */
  learnMoves({ moves }: Frame): void {
    const { tracks } = this;
    if (!tracks) return;
    for (let row = 0; row + MOVE_FIELDS <= moves.length; row += MOVE_FIELDS) {
      if (moves[row + MOVE.kind] !== MOVE_KIND.request) continue;
      const from = tracks.card(moves[row + MOVE.from] ?? -1);
      const to = tracks.card(moves[row + MOVE.to] ?? -1);
      if (from && to && from !== to) this.#learn(from, to);
    }
  }

  drag(id: string, spot: Spot): void {
    this.#kept = new Map([...this.#kept, ...this.spots, [id, spot]]);
  }

  /** Time has gone back. */
  rewind(): void {
    this.#forgetGhosts();
    this.#keepsGhosts = false;
  }

  /** Everything back to where the layout would put it. */
  tidy(): void {
    this.#forgetGhosts();
    this.#kept = new Map();
  }

  #forgetGhosts(): void {
    if (!this.workloads.some(isGhost)) return;
    // Without istiod the mesh is another: its place is kept until it is back.
    this.workloads = this.workloads.filter(
      (workload) => workload.kind === 'istiod' || !isGhost(workload),
    );
  }

  #settled(): boolean {
    const since = this.#firstCallAtMs;
    return since !== undefined && performance.now() - since > SETTLES_AFTER_MS;
  }

  #learn(from: string, to: string): void {
    const key = `${from} ${to}`;
    if (this.#known.has(key)) return;
    this.#known.add(key);
    if (this.#settled()) this.#kept = new Map([...this.#kept, ...this.spots]);
    this.#firstCallAtMs ??= performance.now();
    this.#calls = [...this.#calls, { from, to }];
  }

  #expect(source: LoadSource, topology: Topology): void {
    const host = /^\w+:\/\/([^/:]+)/.exec(source.url)?.[1] ?? '';
    const [name, namespace] = host.split('.');
    const service = topology.services.find(
      (one) => one.name === name && (namespace === undefined || one.namespace === namespace),
    );
    const from = workloadOf(source.from, topology);
    for (const pod of service?.pods ?? []) this.#learn(from, workloadOf(pod, topology));
  }

  #siblings(): Siblings {
    const topology = this.#topology;
    if (!topology) return [];
    return topology.services.map((service) => [
      ...new Set(service.pods.map((pod) => workloadOf(pod, topology))),
    ]);
  }
}

function workloadOf(id: string, topology: Topology): string {
  const pod = topology.pods.find((one) => one.id === id);
  return pod ? `${pod.workload}.${pod.namespace}` : id;
}
