import type { TextDiagnostic, TextEdit } from '../../protocol/diagnostic.ts';
import type { YamlPlace } from '../../protocol/journey.ts';
import type { DocumentFate, Event } from '../../protocol/messages.ts';
import type { Scene, SceneFile } from '../../protocol/scene.ts';
import type { Keep } from './keep.ts';
import { LanguageLink, type Completion, type TextPlace } from './language-link.ts';
import type { MeshLink } from './mesh-link.ts';

/** Kubernetes' API server takes no request beyond about three megabytes. */
const FILE_BYTES_MAX = 3_000_000;
const KEEP_AFTER_MS = 150;

export type Refusal = { readonly path: string; readonly why: 'too-large' | 'not-text' };
export type Propagation = Extract<Event, { type: 'propagation' }>;

export interface ApplyAnswer {
  readonly documents: readonly DocumentFate[];
  readonly diagnostics: readonly TextDiagnostic[];
  readonly failed: boolean;
}

export interface Reveal {
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
}

/** The texts of the editor: what is typed, kept, checked and applied. */
export class Edits {
  files = $state.raw<readonly SceneFile[]>([]);
  activePath = $state('');
  diagnostics = $state.raw<readonly TextDiagnostic[]>([]);
  /** The last check took too long and was given up. */
  checkGivenUp = $state(false);
  applying = $state(false);
  answer = $state.raw<ApplyAnswer>();
  propagation = $state.raw<Propagation>();
  refusal = $state.raw<Refusal>();
  /** Lines lit for the journey, over all files. */
  lit = $state.raw<readonly YamlPlace[]>([]);
  /** A place to scroll to; a new object each time. */
  reveal = $state.raw<Reveal>();
  readonly active = $derived(this.files.find((file) => file.path === this.activePath));
  readonly changed = $derived.by(() => {
    const applied = new Map(this.#applied.map(({ path, text }) => [path, text]));
    return this.files.some((file) => applied.get(file.path) !== file.text);
  });
  #applied = $state.raw<readonly SceneFile[]>([]);
  #scene: Scene | undefined;
  #link: MeshLink;
  #keep: Keep;
  #language: LanguageLink;
  #keeping: ReturnType<typeof setTimeout> | undefined;

  constructor(
    link: MeshLink,
    keep: Keep,
    createLanguageWorker: ConstructorParameters<typeof LanguageLink>[0],
  ) {
    this.#link = link;
    this.#keep = keep;
    this.#language = new LanguageLink(createLanguageWorker, {
      onChecked: (diagnostics) => {
        this.checkGivenUp = false;
        this.diagnostics = diagnostics;
      },
      onTooLong: () => {
        this.checkGivenUp = true;
      },
    });
  }

  /** Shows a scene's files; texts typed on an earlier visit come back. */
  async open(scene: Scene): Promise<void> {
    this.#scene = scene;
    this.#show(scene.files);
    this.#applied = scene.files;
    const kept = readFiles(await this.#keep.get(`scene ${scene.id}`));
    if (kept && this.#scene === scene && this.files === scene.files) this.#show(kept);
    this.#check();
  }

  choose(path: string): void {
    this.activePath = path;
  }

  type(path: string, text: string): void {
    const old = this.files.find((file) => file.path === path);
    if (!old || old.text === text) return;
    this.files = this.files.map((file) => (file.path === path ? { path, text } : file));
    this.#changed();
  }

  /** Does what a diagnostic proposes. */
  mend({ path, fix }: TextDiagnostic): void {
    const file = this.files.find((one) => one.path === path);
    if (file && fix) this.type(path, withEdits(file.text, fix.edits));
  }

  /** Back to the scene's own text. */
  reset(): void {
    if (!this.#scene) return;
    this.#show(this.#scene.files);
    void this.#keep.remove(`scene ${this.#scene.id}`);
    this.#check();
  }

  /** Files dropped on the page or chosen: each becomes a tab. */
  async take(dropped: Iterable<File>): Promise<void> {
    for (const file of dropped) {
      this.refusal = undefined;
      if (file.size > FILE_BYTES_MAX) {
        this.refusal = { path: file.name, why: 'too-large' };
        continue;
      }
      const text = await file.text();
      if (text.includes('\0')) this.refusal = { path: file.name, why: 'not-text' };
      else this.#add({ path: file.name, text });
    }
  }

  async apply(beforeActing: () => void): Promise<void> {
    if (this.applying) return;
    beforeActing();
    const files = this.files;
    this.applying = true;
    this.propagation = undefined;
    const acted = await this.#link.act({ type: 'apply', files: files.map(plainFile) });
    this.applying = false;
    if (!acted) return;
    this.answer = acted;
    this.#applied = files;
  }

  dismissAnswer(): void {
    this.answer = undefined;
    this.refusal = undefined;
  }

  light(places: readonly YamlPlace[]): void {
    this.lit = places;
  }

  show(place: Reveal): void {
    if (!this.files.some((file) => file.path === place.path)) return;
    this.activePath = place.path;
    this.reveal = { path: place.path, line: place.line, endLine: place.endLine };
  }

  complete(place: TextPlace): Promise<readonly Completion[]> {
    return this.#language.complete(place);
  }

  hover(place: TextPlace): Promise<string> {
    return this.#language.hover(place);
  }

  hear(event: Event): void {
    if (event.type === 'propagation') this.propagation = event;
  }

  close(): void {
    this.#language.close();
  }

  #add(file: SceneFile): void {
    const others = this.files.filter(({ path }) => path !== file.path);
    this.files = [...others, file];
    this.activePath = file.path;
    this.#changed();
  }

  #show(files: readonly SceneFile[]): void {
    this.files = files;
    this.activePath = files[0]?.path ?? '';
    this.answer = undefined;
    this.propagation = undefined;
    this.lit = [];
  }

  #changed(): void {
    this.#check();
    clearTimeout(this.#keeping);
    this.#keeping = setTimeout(() => {
      const key = `scene ${this.#scene?.id ?? ''}`;
      void this.#keep.set(key, JSON.stringify(this.files));
    }, KEEP_AFTER_MS);
  }

  #check(): void {
    const platform = this.#scene?.platform ?? [];
    this.#language.check({ files: this.files.map(plainFile), platform });
  }
}

function plainFile({ path, text }: SceneFile): SceneFile {
  return { path, text };
}

/** What storage returns is read with care: an older page may have written it. */
function readFiles(kept: string | undefined): readonly SceneFile[] | undefined {
  if (!kept) return undefined;
  const value: unknown = JSON.parse(kept);
  const isFile = (file: unknown): file is SceneFile =>
    typeof file === 'object' &&
    file !== null &&
    typeof (file as SceneFile).path === 'string' &&
    typeof (file as SceneFile).text === 'string';
  return Array.isArray(value) && value.length > 0 && value.every(isFile) ? value : undefined;
}

/** Edits from the last to the first, so that none moves the place of another. */
export function withEdits(text: string, edits: readonly TextEdit[]): string {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  const at = (line: number, column: number) => (starts[line - 1] ?? text.length) + column - 1;
  const backwards = [...edits].sort((a, b) => b.line - a.line || b.column - a.column);
  return backwards.reduce(
    (result, edit) =>
      result.slice(0, at(edit.line, edit.column)) +
      edit.text +
      result.slice(at(edit.endLine, edit.endColumn)),
    text,
  );
}
