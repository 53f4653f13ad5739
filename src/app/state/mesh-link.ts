import type { Action, Command, Event, LogEntry } from '../../protocol/messages.ts';
import type { Scene } from '../../protocol/scene.ts';
import type { WorkerLink } from './worker-link.ts';

type Without<Union, Key extends string> = Union extends unknown ? Omit<Union, Key> : never;
export type Intent = Without<Command, 'runId'>;
export type Acted = Extract<Event, { type: 'acted' }>;

/** An action takes milliseconds; a worker that is silent so long hangs. */
const ACT_AT_MOST_MS = 20_000;

/** Where a run starts: from nothing, or replayed to a moment. */
export interface RunStart {
  readonly seed: number;
  readonly log: readonly LogEntry[];
  readonly timeUs: number;
  readonly playing: boolean;
}

/** The page's end of the mesh worker: stamps each message with its run and drops stale answers. */
export class MeshLink {
  #create: () => WorkerLink<Command, Event>;
  #worker: WorkerLink<Command, Event>;
  #onEvent: (event: Event) => void;
  #onFailure: (reason: string) => void;
  #runId = '';
  #count = 0;
  #waiting = new Map<string, (acted: Acted | undefined) => void>();

  constructor(
    create: () => WorkerLink<Command, Event>,
    onEvent: (event: Event) => void,
    onFailure: (reason: string) => void,
  ) {
    this.#create = create;
    this.#onEvent = onEvent;
    this.#onFailure = onFailure;
    this.#worker = this.#start();
  }

  /** Ends a worker that has failed or hangs; the next `open` begins in a fresh one. */
  restart(): void {
    this.#worker.close();
    this.#forget();
    this.#runId = '';
    this.#worker = this.#start();
  }

  open(scene: Scene, start: RunStart): void {
    if (this.#runId) this.send({ type: 'close' });
    this.#forget();
    this.#runId = `run-${++this.#count}`;
    this.send({ type: 'open', scene, ...start });
  }

  send(intent: Intent): void {
    this.#worker.post({ ...intent, runId: this.#runId } as Command);
  }

  /** Changes the mesh; undefined when the run was closed before it answered. */
  act(action: Action): Promise<Acted | undefined> {
    const requestId = `act-${++this.#count}`;
    return new Promise((resolve) => {
      const watch = setTimeout(
        () => this.#onFailure(`no answer to "${action.type}" for ${ACT_AT_MOST_MS / 1000} s`),
        ACT_AT_MOST_MS,
      );
      this.#waiting.set(requestId, (acted) => {
        clearTimeout(watch);
        resolve(acted);
      });
      this.send({ type: 'act', action, requestId });
    });
  }

  close(): void {
    this.#forget();
    this.send({ type: 'close' });
    this.#worker.close();
  }

  #start(): WorkerLink<Command, Event> {
    const worker = this.#create();
    worker.listen((event) => {
      if (event.runId !== this.#runId) return;
      if (event.type === 'acted') this.#settle(event);
      this.#onEvent(event);
    }, this.#onFailure);
    return worker;
  }

  #forget(): void {
    for (const answer of this.#waiting.values()) answer(undefined);
    this.#waiting.clear();
  }

  #settle(acted: Acted): void {
    this.#waiting.get(acted.requestId)?.(acted);
    this.#waiting.delete(acted.requestId);
  }
}
