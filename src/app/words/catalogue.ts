/** Sentences in two languages: one JSON a language, loaded when it is spoken. */
import type { Language } from '../../protocol/scene.ts';
import type en from './en.json';

export type WordKey = keyof typeof en;
export type Catalogue = Readonly<Record<WordKey, string>>;
export type Values = Readonly<Record<string, string | number | boolean>>;

export async function loadCatalogue(language: Language): Promise<Catalogue> {
  if (language === 'en') return (await import('./en.json')).default;
  return (await import('./hi-Latn.json')).default;
}

/** "{count} requests" with {count: 3} is "3 requests"; an unknown name stays as it is. */
export function fill(sentence: string, values: Values | undefined): string {
  if (!values) return sentence;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Languages of India in which Hinglish is the friendlier first guess. */
const INDIAN = /^(hi|mr|gu|pa|bn|ta|te|kn|ml|or|as|ur|ne|kok|sa|mai)\b|-IN\b/i;

/** From the address ("?lang=en"), else from the browser's languages. */
export function guessLanguage(search: string, languages: readonly string[]): Language {
  const asked = new URLSearchParams(search).get('lang');
  if (asked === 'en' || asked === 'hi-Latn') return asked;
  if (asked === 'hi') return 'hi-Latn';
  return languages.some((tag) => INDIAN.test(tag)) ? 'hi-Latn' : 'en';
}
