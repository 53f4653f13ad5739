/** Theme and motion: what the machine prefers, until a person says otherwise. */
export type Theme = 'light' | 'dark';

export class Appearance {
  theme = $state<Theme>('light');
  reducedMotion = $state(false);
  /** A narrow page: the stage above, one sheet below. */
  narrow = $state(false);
  #queries: (() => void)[] = [];

  constructor(remembered: Theme | undefined) {
    this.theme =
      remembered ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    this.#follow('(prefers-reduced-motion: reduce)', (matches) => (this.reducedMotion = matches));
    this.#follow('(max-width: 820px)', (matches) => (this.narrow = matches));
  }

  toggleTheme(): void {
    this.theme = this.theme === 'light' ? 'dark' : 'light';
  }

  close(): void {
    for (const stop of this.#queries) stop();
  }

  #follow(query: string, tell: (matches: boolean) => void): void {
    const list = matchMedia(query);
    const listen = () => tell(list.matches);
    listen();
    list.addEventListener('change', listen);
    this.#queries.push(() => list.removeEventListener('change', listen));
  }
}
