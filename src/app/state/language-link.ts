import type { TextDiagnostic } from '../../protocol/diagnostic.ts';
import type { LanguageCommand, LanguageEvent } from '../../protocol/language.ts';
import type { SceneFile } from '../../protocol/scene.ts';
import type { WorkerLink } from './worker-link.ts';

const CHECK_AFTER_MS = 250;
/** A text that takes longer is given up: the worker is ended and started afresh. */
const CHECK_AT_MOST_MS = 6000;
/** The first check also waits for the worker to load. */
const FIRST_CHECK_AT_MOST_MS = 30_000;
const HELP_AT_MOST_MS = 2000;

export type Completion = Extract<LanguageEvent, { type: 'completions' }>['items'][number];
export interface TextPlace {
  readonly path: string;
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

interface Texts {
  readonly files: readonly SceneFile[];
  readonly platform: readonly SceneFile[];
}

interface Listeners {
  onChecked(diagnostics: readonly TextDiagnostic[]): void;
  onTooLong(): void;
}

/** The page's end of the language worker: one check in flight, one waiting, the newest wins. */
export class LanguageLink {
  #create: () => WorkerLink<LanguageCommand, LanguageEvent>;
  #worker: WorkerLink<LanguageCommand, LanguageEvent> | undefined;
  #listeners: Listeners;
  #version = 0;
  /** The running worker has answered before. */
  #loaded = false;
  #inFlight = false;
  #queued: Texts | undefined;
  #debounce: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #helpId = 0;
  #help = new Map<number, (event: LanguageEvent | undefined) => void>();

  constructor(create: () => WorkerLink<LanguageCommand, LanguageEvent>, listeners: Listeners) {
    this.#create = create;
    this.#listeners = listeners;
  }

  check(texts: Texts): void {
    this.#queued = texts;
    clearTimeout(this.#debounce);
    this.#debounce = setTimeout(() => this.#checkNext(), CHECK_AFTER_MS);
  }

  async complete(place: TextPlace): Promise<readonly Completion[]> {
    const event = await this.#ask({ type: 'complete', ...place });
    return event?.type === 'completions' ? event.items : [];
  }

  async hover(place: TextPlace): Promise<string> {
    const event = await this.#ask({ type: 'hover', ...place });
    return event?.type === 'hover' ? event.markdown : '';
  }

  close(): void {
    clearTimeout(this.#debounce);
    clearTimeout(this.#deadline);
    this.#worker?.close();
    this.#worker = undefined;
    this.#loaded = false;
    this.#inFlight = false;
  }

  #checkNext(): void {
    if (this.#inFlight || !this.#queued) return;
    const texts = this.#queued;
    this.#queued = undefined;
    this.#inFlight = true;
    const atMostMs = this.#loaded ? CHECK_AT_MOST_MS : FIRST_CHECK_AT_MOST_MS;
    this.#deadline = setTimeout(() => this.#giveUp(), atMostMs);
    this.#running().post({ type: 'check', version: ++this.#version, ...texts });
  }

  #giveUp(): void {
    this.close();
    this.#listeners.onTooLong();
    this.#checkNext();
  }

  #ask(question: { type: 'complete' | 'hover' } & TextPlace): Promise<LanguageEvent | undefined> {
    const id = ++this.#helpId;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer(id, undefined), HELP_AT_MOST_MS);
      this.#help.set(id, (event) => {
        clearTimeout(timer);
        resolve(event);
      });
      this.#running().post({ ...question, id });
    });
  }

  #running(): WorkerLink<LanguageCommand, LanguageEvent> {
    if (this.#worker) return this.#worker;
    const worker = this.#create();
    worker.listen(
      (event) => this.#hear(event),
      () => this.close(),
    );
    this.#worker = worker;
    return worker;
  }

  #hear(event: LanguageEvent): void {
    this.#loaded = true;
    if (event.type !== 'checked') {
      this.#answer(event.id, event);
      return;
    }
    if (event.version !== this.#version) return;
    clearTimeout(this.#deadline);
    this.#inFlight = false;
    this.#listeners.onChecked(event.diagnostics);
    this.#checkNext();
  }

  #answer(id: number, event: LanguageEvent | undefined): void {
    this.#help.get(id)?.(event);
    this.#help.delete(id);
  }
}
