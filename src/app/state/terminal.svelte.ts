import type { MeshLink } from './mesh-link.ts';
import type { Playback } from './playback.svelte.ts';

export interface TerminalEntry {
  readonly line: string;
  /** Undefined while the command runs. */
  readonly output?: string;
  readonly failed?: boolean;
}

const ENTRIES_MAX = 200;

/** Commands typed at the mesh and what they printed. */
export class Terminal {
  entries = $state.raw<readonly TerminalEntry[]>([]);
  #link: MeshLink;
  #playback: Playback;

  constructor(link: MeshLink, playback: Playback) {
    this.#link = link;
    this.#playback = playback;
  }

  forget(): void {
    this.entries = [];
  }

  async run(line: string): Promise<void> {
    const running: TerminalEntry = { line };
    this.entries = [...this.entries.slice(1 - ENTRIES_MAX), running];
    this.#playback.forkIfRewound();
    const acted = await this.#link.act({ type: 'exec', line });
    const done = { line, output: acted?.output ?? '', failed: acted?.failed ?? true };
    this.entries = this.entries.map((entry) => (entry === running ? done : entry));
  }
}
