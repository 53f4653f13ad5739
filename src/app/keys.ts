/** Keys of the page, where no text is being typed. */
export type KeyIntent =
  'play' | 'step-hop' | 'step-event' | 'slower' | 'faster' | 'newest' | 'help';

const KEYS: Readonly<Record<string, KeyIntent>> = {
  ' ': 'play',
  '.': 'step-hop',
  ',': 'step-event',
  '-': 'slower',
  '+': 'faster',
  '=': 'faster',
  n: 'newest',
  '?': 'help',
};

const TYPING = 'input:not([type=range]), textarea, select, [contenteditable], .monaco-editor';
const PRESSED_BY_SPACE = 'button, [role=tab], [role=button], a, summary';

export function keyIntent(event: KeyboardEvent): KeyIntent | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return undefined;
  const target = event.target instanceof Element ? event.target : undefined;
  if (target?.closest(TYPING)) return undefined;
  if (event.key === ' ' && target?.closest(PRESSED_BY_SPACE)) return undefined;
  return KEYS[event.key];
}
