import type { Action, Command, Event, LogEntry } from '../../protocol/messages.ts';
import type { Scene } from '../../protocol/scene.ts';
import type { WorkerLink } from './worker-link.ts';

type Without<Union, Key extends string> = Union extends unknown ? Omit<Union, Key> : never;
export type Intent = Without<Command, 'runId'>;
export type Acted = Extract<Event, { type: 'acted' }>;

/** Where a run starts: from nothing, or replayed to a moment. */
export interface RunStart {
  readonly seed: number;
  readonly log: readonly LogEntry[];
  readonly timeUs: number;
  readonly playing: boolean;
}

/** The page's end of the mesh worker: stamps each message with its run and drops stale answers. */
export class MeshLink {
  #worker: WorkerLink<Command, Event>;
  #runId = '';
  #count = 0;
  #waiting = new Map<string, (acted: Acted | undefined) => void>();

  constructor(
    worker: WorkerLink<Command, Event>,
    onEvent: (event: Event) => void,
    onFailure: (reason: string) => void,
  ) {
    this.#worker = worker;
    worker.listen((event) => {
      if (event.runId !== this.#runId) return;
      if (event.type === 'acted') this.#settle(event);
      onEvent(event);
    }, onFailure);
  }

  open(scene: Scene, start: RunStart): void {
    if (this.#runId) this.send({ type: 'close' });
    for (const answer of this.#waiting.values()) answer(undefined);
    this.#waiting.clear();
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
      this.#waiting.set(requestId, resolve);
      this.send({ type: 'act', action, requestId });
    });
  }

  close(): void {
    this.send({ type: 'close' });
    this.#worker.close();
  }

  #settle(acted: Acted): void {
    this.#waiting.get(acted.requestId)?.(acted);
    this.#waiting.delete(acted.requestId);
  }
}
