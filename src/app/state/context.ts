import { createContext } from 'svelte';
import type { Appearance } from './appearance.svelte.ts';
import type { Playground } from './playground.svelte.ts';
import type { Words } from './words.svelte.ts';

/** Throws where no playground is above: a component was mounted outside <App>. */
export const [getPlayground, setPlayground] = createContext<Playground>();
export const [getWords, setWords] = createContext<Words>();
export const [getAppearance, setAppearance] = createContext<Appearance>();
