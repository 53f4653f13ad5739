import type { LanguageCommand, LanguageEvent } from '../../protocol/language.ts';
import type { Command, Event, LogEntry } from '../../protocol/messages.ts';
import type { Scene } from '../../protocol/scene.ts';
import { Disturbance } from './disturbance.svelte.ts';
import { Edits } from './edits.svelte.ts';
import { Keep } from './keep.ts';
import { MeshLink } from './mesh-link.ts';
import { MeshView } from './mesh-view.svelte.ts';
import { Playback } from './playback.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { Terminal } from './terminal.svelte.ts';
import type { WorkerLink } from './worker-link.ts';

/** What the composition root gives: how workers are made, and the scenes. */
export interface Surroundings {
  readonly createMeshWorker: () => WorkerLink<Command, Event>;
  readonly createLanguageWorker: () => WorkerLink<LanguageCommand, LanguageEvent>;
  /** Monaco's own worker; where there is none, Monaco does without. */
  readonly createEditorWorker?: () => Worker;
  readonly scenes: readonly Scene[];
}

export interface Crash {
  readonly message: string;
  readonly seed: number;
  readonly eventNumber: number;
  readonly stack: string;
}

/** One playground: a mesh worker and every concern of the page around it. */
export class Playground {
  scene = $state.raw<Scene>();
  crash = $state.raw<Crash>();
  /** Storage has refused: what is typed lasts as long as the page. */
  notKept = $state(false);
  readonly scenes: readonly Scene[];
  readonly createEditorWorker: (() => Worker) | undefined;
  readonly playback: Playback;
  readonly view = new MeshView();
  readonly edits: Edits;
  readonly selection: Selection;
  readonly disturbance: Disturbance;
  readonly terminal: Terminal;
  #link: MeshLink;
  #log: readonly LogEntry[] = [];

  constructor(surroundings: Surroundings) {
    this.scenes = surroundings.scenes;
    this.createEditorWorker = surroundings.createEditorWorker;
    this.#link = new MeshLink(
      surroundings.createMeshWorker,
      (event) => this.#hear(event),
      (reason) => this.#failed(reason),
    );
    const keep = new Keep(() => (this.notKept = true));
    this.playback = new Playback(this.#link);
    this.edits = new Edits(this.#link, keep, surroundings.createLanguageWorker);
    this.selection = new Selection(this.#link);
    this.disturbance = new Disturbance(this.#link, this.playback);
    this.terminal = new Terminal(this.#link, this.playback);
  }

  open(scene: Scene, playing = true): void {
    if (this.crash) this.#link.restart();
    this.scene = scene;
    this.crash = undefined;
    this.#log = [];
    this.playback.forget();
    this.view.forget();
    this.selection.forget();
    this.terminal.forget();
    this.disturbance.forget(scene.load);
    void this.edits.open(scene);
    this.#link.open(scene, { seed: scene.seed, log: [], timeUs: 0, playing });
    this.playback.playing = playing;
  }

  apply(): Promise<void> {
    return this.edits.apply(() => this.playback.forkIfRewound());
  }

  /** Stops time and tells the journey of the request that set out last. */
  openNewest(): void {
    const newest = this.view.newestRequest;
    if (newest === undefined) return;
    this.playback.pause();
    this.selection.openJourney(newest);
  }

  /** Everything needed to see the same thing elsewhere, as text. */
  reproduction(): string {
    const { crash, scene } = this;
    const log = this.#log;
    return JSON.stringify({ crash, scene, seed: scene?.seed, log }, undefined, 2);
  }

  close(): void {
    this.edits.close();
    this.#link.close();
  }

  #hear(event: Event): void {
    if (event.type === 'crashed') this.crash = event;
    if (event.type === 'state') this.#log = event.log;
    this.playback.hear(event);
    this.view.hear(event);
    this.edits.hear(event);
    this.selection.hear(event);
    this.disturbance.hear(event);
  }

  #failed(reason: string): void {
    const seed = this.scene?.seed ?? 0;
    this.crash = { message: reason, seed, eventNumber: 0, stack: '' };
  }
}
