/** Opens the page in an element: words first, so that no key is ever shown instead of a sentence. */
import '@fontsource/mukta/400.css';
import '@fontsource/mukta/700.css';
import '@fontsource/jetbrains-mono/latin-400.css';
import './ui/tokens.css';
import './ui/base.css';
import { mount, unmount } from 'svelte';
import App from './App.svelte';
import type { Surroundings } from './state/playground.svelte.ts';
import { Words } from './state/words.svelte.ts';
import { guessLanguage, loadCatalogue } from './words/catalogue.ts';

export async function openPage(target: Element, surroundings: Surroundings): Promise<() => void> {
  const language = guessLanguage(location.search, navigator.languages);
  const words = new Words(language, await loadCatalogue(language));
  const app = mount(App, { target, props: { surroundings, words } });
  return () => void unmount(app);
}
