/** The six faults: what each strikes, its size, whether it lasts. */
import type { FaultKind, FaultRequest } from '../../protocol/scene.ts';
import type { Topology } from '../../protocol/topology.ts';

export interface FaultForm {
  readonly kind: FaultKind;
  readonly size?: { readonly unit: 'ms' | 'percent'; readonly start: number; readonly max: number };
  /** False: it happens once and is over. */
  readonly lasts: boolean;
}

export const FAULTS: readonly [FaultForm, ...FaultForm[]] = [
  { kind: 'kill-pod', lasts: false },
  { kind: 'slow-pod', size: { unit: 'ms', start: 800, max: 60_000 }, lasts: true },
  { kind: 'error-rate', size: { unit: 'percent', start: 50, max: 100 }, lasts: true },
  { kind: 'cut-link', lasts: true },
  { kind: 'partition-zone', lasts: true },
  { kind: 'lose-istiod', lasts: true },
];

/** What this fault can strike in this mesh. */
export function targetsOf(kind: FaultKind, topology: Topology): readonly string[] {
  switch (kind) {
    case 'lose-istiod':
      return [];
    case 'partition-zone':
      return topology.zones;
    case 'kill-pod':
    case 'slow-pod':
    case 'error-rate':
    case 'cut-link':
      return topology.pods.filter(({ role }) => role !== 'istiod').map(({ id }) => id);
  }
}

/** `seconds` of 0: until it is undone. */
export function faultRequest(
  { kind, size: sized, lasts }: FaultForm,
  { target, otherEnd }: { readonly target: string; readonly otherEnd: string },
  size: number,
  seconds: number,
): FaultRequest {
  const struck = kind === 'cut-link' ? `${target} -> ${otherEnd}` : target;
  return {
    kind,
    target: kind === 'lose-istiod' ? '' : struck,
    ...(sized ? { size: Math.max(1, Math.min(sized.max, size || sized.start)) } : {}),
    ...(lasts && seconds > 0 ? { forMs: seconds * 1000 } : {}),
  };
}
