import type { Pin } from '../../protocol/frame.ts';
import type { Event } from '../../protocol/messages.ts';
import type { MeshLink } from './mesh-link.ts';

export const SPEEDS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100] as const;

/** Virtual time and what a person does with it: play, pause, step, speed, scrub, rewind. */
export class Playback {
  timeUs = $state(0);
  /** Where this run began: the mesh had started by then. */
  startUs = $state(0);
  /** The latest moment this history has reached; beyond `timeUs` after a rewind. */
  endUs = $state(0);
  playing = $state(true);
  speed = $state(1);
  /** How often a step was asked for. */
  steps = $state(0);
  /** 0 to 1 while a replay runs. */
  replayed = $state<number>();
  pins = $state.raw<readonly Pin[]>([]);
  /** To a tenth of a second: for what need not be drawn anew with every frame. */
  readonly coarseUs = $derived(Math.floor(this.timeUs / 100_000) * 100_000);
  readonly rewound = $derived(this.timeUs < this.endUs);
  #link: MeshLink;
  #pinKeys = new Set<string>();

  constructor(link: MeshLink) {
    this.#link = link;
  }

  forget(): void {
    this.timeUs = 0;
    this.startUs = 0;
    this.endUs = 0;
    this.replayed = undefined;
    this.pins = [];
    this.#pinKeys.clear();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    this.playing = true;
    this.#link.send({ type: 'play' });
  }

  pause(): void {
    this.playing = false;
    this.#link.send({ type: 'pause' });
  }

  step(unit: 'event' | 'hop'): void {
    if (this.playing) this.pause();
    this.steps += 1;
    this.#link.send({ type: 'step', unit });
  }

  setSpeed(factor: number): void {
    this.speed = factor;
    this.#link.send({ type: 'speed', factor });
  }

  changeSpeed(steps: number): void {
    const at = SPEEDS.findIndex((speed) => speed >= this.speed);
    this.setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + steps))] ?? 1);
  }

  seek(timeUs: number): void {
    const target = Math.max(this.startUs, Math.min(timeUs, this.endUs));
    this.replayed = 0;
    this.timeUs = target;
    this.#link.send({ type: 'seek', timeUs: target, fork: false });
  }

  /** What is about to change the mesh starts a new future: the old one is cut off. */
  forkIfRewound(): void {
    if (!this.rewound) return;
    this.#link.send({ type: 'seek', timeUs: this.timeUs, fork: true });
    this.endUs = this.timeUs;
    this.pins = this.pins.filter((pin) => pin.timeUs <= this.timeUs);
    this.#pinKeys = new Set(this.pins.map(pinKey));
  }

  hear(event: Event): void {
    switch (event.type) {
      case 'opened':
        this.startUs = event.timeUs;
        this.#reach(event.timeUs);
        break;
      case 'frame':
        this.#reach(event.frame.timeUs);
        this.replayed = undefined;
        break;
      case 'pins':
        this.#addPins(event.pins);
        break;
      case 'progress':
        this.replayed = event.share >= 1 ? undefined : event.share;
        break;
      case 'state':
        this.playing = event.playing;
        this.speed = event.speed;
        break;
    }
  }

  #reach(timeUs: number): void {
    this.timeUs = timeUs;
    this.endUs = Math.max(this.endUs, timeUs);
  }

  #addPins(pins: readonly Pin[]): void {
    const fresh = pins.filter((pin) => !this.#pinKeys.has(pinKey(pin)));
    if (fresh.length === 0) return;
    for (const pin of fresh) this.#pinKeys.add(pinKey(pin));
    this.pins = [...this.pins, ...fresh].sort((a, b) => a.timeUs - b.timeUs);
  }
}

/** A replay says its pins again; they are the same pins. */
function pinKey(pin: Pin): string {
  return `${pin.timeUs} ${pin.kind} ${JSON.stringify(pin.details)}`;
}
