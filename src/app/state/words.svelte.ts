import type { Language } from '../../protocol/scene.ts';
import {
  fill,
  loadCatalogue,
  type Catalogue,
  type WordKey,
  type Values,
} from '../words/catalogue.ts';

/** The page's language and its sentences. */
export class Words {
  language = $state<Language>('en');
  #catalogue = $state.raw<Catalogue>();

  constructor(language: Language, catalogue: Catalogue) {
    this.language = language;
    this.#catalogue = catalogue;
  }

  async speak(language: Language): Promise<void> {
    this.#catalogue = await loadCatalogue(language);
    this.language = language;
  }

  /** The sentence under this key, with its names and numbers filled in. */
  t = (key: WordKey, values?: Values): string => fill(this.#catalogue?.[key] ?? key, values);

  /** For keys made of data ("flag.URX"): undefined when there is no such sentence. */
  find = (key: string, values?: Values): string | undefined => {
    const sentence = this.#catalogue?.[key as WordKey];
    return sentence === undefined ? undefined : fill(sentence, values);
  };
}
