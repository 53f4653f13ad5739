/** Pods gathered into the cards the stage draws: one a workload, istiod and outside machines apart. */
import { PodSlots } from './pod-slots.ts';
import type { Topology, TopologyPod } from '../../protocol/topology.ts';

export interface Workload {
  /** "WORKLOAD.NS", or the outside machine's own id. */
  readonly id: string;
  readonly kind: 'application' | 'gateway' | 'load-generator' | 'istiod' | 'outside';
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  readonly pods: readonly TopologyPod[];
  /** Place of each pod in the card, by the pod's id. */
  readonly slots: ReadonlyMap<string, number>;
  readonly shape: PodShape;
}

/** How large a pod is drawn: the more of them, the less each says. */
export interface PodShape {
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  readonly columns: number;
  readonly named: boolean;
}

/** The gap has room for a word about the pod above it. */
const FULL: PodShape = { width: 118, height: 48, gap: 16, columns: 1, named: true };
const SMALL: PodShape = { width: 62, height: 26, gap: 8, columns: 2, named: false };
const TINY: PodShape = { width: 20, height: 14, gap: 4, columns: 8, named: false };

/** Room above the pods for the card's name. */
export const TITLE_HEIGHT = 26;

export function podShape(pods: number): PodShape {
  if (pods <= 4) return FULL;
  return pods <= 12 ? SMALL : TINY;
}

/** A card whose last pod went stays where it was, empty: what is missing should be seen. */
export function withGhosts(
  before: readonly Workload[],
  now: readonly Workload[],
): readonly Workload[] {
  const there = new Set(now.map(({ id }) => id));
  const gone = before.filter(({ id, kind }) => kind !== 'outside' && !there.has(id));
  const ghosts = gone.map((workload) => ({ ...workload, pods: [] }));
  return [...now, ...ghosts].sort((a, b) => a.id.localeCompare(b.id));
}

export function isGhost({ kind, pods }: Workload): boolean {
  return kind !== 'outside' && pods.length === 0;
}

/** `memory` is what keeps pods in their places from one topology to the next. */
export function gatherWorkloads(topology: Topology, memory = new PodSlots()): readonly Workload[] {
  const groups = new Map<string, TopologyPod[]>();
  for (const pod of topology.pods) {
    const id = pod.role === 'istiod' ? 'istiod' : `${pod.workload}.${pod.namespace}`;
    const group = groups.get(id);
    if (group) group.push(pod);
    else groups.set(id, [pod]);
  }
  const workloads = [...groups].map(([id, pods]) => workload(id, pods, memory));
  const outside = topology.outside.map(({ id }) => outsideMachine(id));
  return [...workloads, ...outside].sort((a, b) => a.id.localeCompare(b.id));
}

function workload(id: string, pods: readonly TopologyPod[], memory: PodSlots): Workload {
  const first = pods[0] as TopologyPod;
  const sorted = [...pods].sort((a, b) => a.id.localeCompare(b.id));
  const { name, version } = titleOf(first);
  const slots = memory.assign(
    id,
    sorted.map((pod) => pod.id),
  );
  const shape = podShape(pods.length);
  const { namespace } = first;
  return { id, kind: kindOf(first), name, namespace, version, pods: sorted, slots, shape };
}

function kindOf(pod: TopologyPod): Workload['kind'] {
  switch (pod.role) {
    case 'ingress-gateway':
    case 'egress-gateway':
      return 'gateway';
    case 'istiod':
    case 'load-generator':
    case 'application':
      return pod.role;
  }
}

/** "reviews-v2" of version v2 is drawn as "reviews" with "v2" beside it. */
function titleOf(pod: TopologyPod): { name: string; version: string } {
  if (pod.role === 'istiod') return { name: 'istiod', version: '' };
  const suffix = `-${pod.version}`;
  const named = pod.version !== '' && pod.workload.endsWith(suffix);
  const name = named ? pod.workload.slice(0, -suffix.length) : pod.workload;
  return { name, version: pod.version };
}

function outsideMachine(id: string): Workload {
  const shape = FULL;
  const slots = new Map<string, number>();
  return { id, kind: 'outside', name: id, namespace: '', version: '', pods: [], slots, shape };
}

export function cardSize({ kind, slots, shape }: Workload): { width: number; height: number } {
  if (kind === 'istiod') return { width: 196, height: 50 };
  if (kind === 'outside') return { width: 92, height: 74 };
  const places = Math.max(0, ...slots.values()) + 1;
  const columns = Math.min(shape.columns, places);
  const rows = Math.ceil(places / shape.columns);
  const width = columns * (shape.width + shape.gap) - shape.gap;
  const height = TITLE_HEIGHT + rows * (shape.height + shape.gap) - shape.gap;
  return { width: Math.max(width, FULL.width), height };
}

/** Where a pod stands inside its card. */
export function podOffset({ shape, slots }: Workload, pod: string): { x: number; y: number } {
  const index = slots.get(pod) ?? 0;
  const column = index % shape.columns;
  const row = Math.floor(index / shape.columns);
  return {
    x: column * (shape.width + shape.gap),
    y: TITLE_HEIGHT + row * (shape.height + shape.gap),
  };
}
