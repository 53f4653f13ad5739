import type { Journey } from '../../protocol/journey.ts';
import type { Event, Inspection, InspectTarget } from '../../protocol/messages.ts';
import type { MeshLink } from './mesh-link.ts';

export type Panel = 'journey' | 'inspector' | 'faults' | 'load' | 'terminal';

const ASK_EVERY_MS = 400;

/** What a person is looking at: one request's journey, or one thing's inside. */
export class Selection {
  panel = $state<Panel>('journey');
  requestId = $state<number>();
  journey = $state.raw<Journey>();
  /** Asked for, not answered yet. */
  asking = $state(false);
  target = $state.raw<InspectTarget>();
  report = $state.raw<Inspection>();
  /** Step of the journey a person has chosen. */
  step = $state<number>();
  #link: MeshLink;
  #askedAtMs = 0;

  constructor(link: MeshLink) {
    this.#link = link;
  }

  forget(): void {
    this.requestId = undefined;
    this.journey = undefined;
    this.target = undefined;
    this.report = undefined;
    this.step = undefined;
    this.asking = false;
  }

  showPanel(panel: Panel): void {
    this.panel = panel;
  }

  openJourney(requestId: number): void {
    this.panel = 'journey';
    this.requestId = requestId;
    this.journey = undefined;
    this.step = undefined;
    this.asking = true;
    this.#link.send({ type: 'journey', requestId });
  }

  /** A request under way has more to tell as time goes on. */
  #askAgain(): void {
    const nowMs = performance.now();
    const underWay = this.journey && this.journey.endUs === undefined;
    if (!underWay || this.requestId === undefined || nowMs - this.#askedAtMs < ASK_EVERY_MS) return;
    this.#askedAtMs = nowMs;
    this.#link.send({ type: 'journey', requestId: this.requestId });
  }

  chooseStep(index: number | undefined): void {
    this.step = index;
  }

  inspect(target: InspectTarget): void {
    this.panel = 'inspector';
    this.target = target;
    this.report = undefined;
    this.#link.send({ type: 'inspect', target });
  }

  hear(event: Event): void {
    if (event.type === 'frame') this.#askAgain();
    if (event.type === 'journey' && event.requestId === this.requestId) {
      this.journey = event.journey;
      this.asking = false;
    }
    if (event.type === 'inspection' && sameTarget(event.target, this.target)) {
      this.report = event.report;
    }
  }
}

export function targetName(target: InspectTarget): string {
  switch (target.kind) {
    case 'proxy':
      return target.pod;
    case 'service':
      return target.id;
    case 'istiod':
      return 'istiod';
  }
}

function sameTarget(a: InspectTarget, b: InspectTarget | undefined): boolean {
  return b !== undefined && a.kind === b.kind && targetName(a) === targetName(b);
}
