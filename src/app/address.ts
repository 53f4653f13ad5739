/** What the address and the browser remember: scene, language, theme. */
import type { Theme } from './state/appearance.svelte.ts';

const THEME = 'meshwala-theme';

export function sceneOfAddress(search: string): string | undefined {
  return new URLSearchParams(search).get('scene') ?? undefined;
}

export function rememberInAddress(name: 'scene' | 'lang', value: string): void {
  const address = new URL(location.href);
  address.searchParams.set(name, value);
  history.replaceState(history.state, '', address);
}

export function rememberedTheme(): Theme | undefined {
  try {
    const theme = localStorage.getItem(THEME);
    return theme === 'light' || theme === 'dark' ? theme : undefined;
  } catch {
    // Storage is denied in a sandboxed frame: the machine's preference stands.
    return undefined;
  }
}

export function rememberTheme(theme: Theme): void {
  try {
    localStorage.setItem(THEME, theme);
  } catch {
    // As above: it is remembered as long as the page.
    return;
  }
}
