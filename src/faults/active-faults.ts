/** Models the faults that are in force, each under the name its giver chose; timed ones end alone. */
import type { FaultRequest } from '../protocol/scene.ts';
import { NO_TIMER, type TimerHandle } from '../sim/event-queue.ts';
import { MS, type Micros } from '../sim/time.ts';
import { FAULTS, injectFault } from './catalogue.ts';
import type { FaultError, FaultWorld, Undo } from './world.ts';

export interface ActiveFault {
  readonly id: string;
  readonly fault: FaultRequest;
  readonly sinceUs: Micros;
}

interface Entry extends ActiveFault {
  readonly undo: Undo;
  timer: TimerHandle;
}

export class ActiveFaults {
  readonly #world: FaultWorld;
  readonly #ended: (fault: ActiveFault) => void;
  readonly #active = new Map<string, Entry>();

  /** `ended` hears of each fault that is over, whoever ended it. */
  constructor(world: FaultWorld, ended: (fault: ActiveFault) => void = () => {}) {
    this.#world = world;
    this.#ended = ended;
  }

  /** Does a fault; one of the same name is ended first. Undefined: done. */
  begin(id: string, fault: FaultRequest): FaultError | undefined {
    this.end(id);
    const undo = injectFault(this.#world, fault);
    if (typeof undo !== 'function') return undo;
    const { simulation } = this.#world.network;
    const entry: Entry = { id, fault, sinceUs: simulation.now, undo, timer: NO_TIMER };
    if (!FAULTS[fault.kind].lasts) {
      this.#ended(entry);
      return undefined;
    }
    this.#active.set(id, entry);
    if (fault.forMs !== undefined)
      entry.timer = simulation.schedule(fault.forMs * MS, endByTimer, this, id);
    return undefined;
  }

  /** Takes a fault back. False: none of that name is in force. */
  end(id: string): boolean {
    const entry = this.#active.get(id);
    if (!entry) return false;
    this.#active.delete(id);
    this.#world.network.simulation.cancel(entry.timer);
    entry.undo();
    this.#ended(entry);
    return true;
  }

  list(): readonly ActiveFault[] {
    return [...this.#active.values()].map(({ id, fault, sinceUs }) => ({ id, fault, sinceUs }));
  }
}

function endByTimer(faults: ActiveFaults, id: string): void {
  faults.end(id);
}
