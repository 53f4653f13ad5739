import type { Event } from '../../protocol/messages.ts';
import type { FaultRequest, LoadSource } from '../../protocol/scene.ts';
import type { MeshLink } from './mesh-link.ts';
import type { Playback } from './playback.svelte.ts';

export type RunningFault = Extract<Event, { type: 'state' }>['faults'][number];

/** What is done to the mesh from outside: faults and load. */
export class Disturbance {
  faults = $state.raw<readonly RunningFault[]>([]);
  load = $state.raw<readonly LoadSource[]>([]);
  /** Why the last fault was refused; empty when it was not. */
  refused = $state('');
  #link: MeshLink;
  #playback: Playback;
  #count = 0;

  constructor(link: MeshLink, playback: Playback) {
    this.#link = link;
    this.#playback = playback;
  }

  forget(load: readonly LoadSource[]): void {
    this.faults = [];
    this.refused = '';
    this.load = load;
  }

  async strike(fault: FaultRequest): Promise<void> {
    this.#playback.forkIfRewound();
    // Two playgrounds may share nothing, but one log may not hold an id twice.
    const id = `${fault.kind}-${this.#playback.timeUs}-${++this.#count}`;
    const acted = await this.#link.act({ type: 'fault', id, fault });
    this.refused = acted?.failed ? acted.output : '';
  }

  async undo(id: string): Promise<void> {
    this.#playback.forkIfRewound();
    await this.#link.act({ type: 'end-fault', id });
  }

  async setLoad(source: LoadSource): Promise<void> {
    this.#playback.forkIfRewound();
    this.load = this.load.map((other) => (other.id === source.id ? source : other));
    await this.#link.act({ type: 'load', source });
  }

  hear(event: Event): void {
    if (event.type !== 'state') return;
    this.faults = event.faults;
    if (event.load.length > 0) this.load = event.load;
  }
}
