/** Models the drawer of faults: what can be broken, where, how much. */
import type { FaultKind, FaultRequest } from '../protocol/scene.ts';
import { cutLink } from './cut-link.ts';
import { ERROR_RATE_SIZE, errorRate } from './error-rate.ts';
import { killPod } from './kill-pod.ts';
import { loseIstiod } from './lose-istiod.ts';
import { partitionZone } from './partition-zone.ts';
import { SLOW_POD_SIZE, slowPod } from './slow-pod.ts';
import type { FaultError, FaultSize, FaultWorld, Undo } from './world.ts';

export interface FaultEntry {
  readonly kind: FaultKind;
  /** What `target` names. */
  readonly target: 'pod' | 'link' | 'zone' | 'none';
  readonly size: FaultSize | undefined;
  /** False: it is done in a moment, and there is nothing to take back. */
  readonly lasts: boolean;
  readonly inject: (world: FaultWorld, request: FaultRequest) => Undo | FaultError;
}

const podEntry = { target: 'pod', lasts: true } as const;

export const FAULTS: Readonly<Record<FaultKind, FaultEntry>> = {
  'kill-pod': { ...podEntry, kind: 'kill-pod', size: undefined, lasts: false, inject: killPod },
  'slow-pod': { ...podEntry, kind: 'slow-pod', size: SLOW_POD_SIZE, inject: slowPod },
  'error-rate': { ...podEntry, kind: 'error-rate', size: ERROR_RATE_SIZE, inject: errorRate },
  'cut-link': { kind: 'cut-link', target: 'link', size: undefined, lasts: true, inject: cutLink },
  'partition-zone': {
    kind: 'partition-zone',
    target: 'zone',
    size: undefined,
    lasts: true,
    inject: partitionZone,
  },
  'lose-istiod': {
    kind: 'lose-istiod',
    target: 'none',
    size: undefined,
    lasts: true,
    inject: loseIstiod,
  },
};

/** Does a fault, after a look at its size. The answer takes it back, or says what is wrong. */
export function injectFault(world: FaultWorld, request: FaultRequest): Undo | FaultError {
  const entry = Object.hasOwn(FAULTS, request.kind) ? FAULTS[request.kind] : undefined;
  if (!entry)
    return {
      error: `no fault is called "${request.kind}"; there are ${Object.keys(FAULTS).join(', ')}`,
    };
  const { size } = entry;
  if (size && request.size !== undefined && !(request.size >= size.min && request.size <= size.max))
    return {
      error: `${request.kind}: ${request.size} is not between ${size.min} and ${size.max} ${size.unit}`,
    };
  return entry.inject(world, request);
}
