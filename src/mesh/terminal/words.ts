/** Models how a shell splits a line into words: blanks, quotes, backslashes. */

export type SplitResult = { readonly words: readonly string[] } | { readonly error: string };

const OPERATORS = ['|', ';', '>', '<', '&', '`', '$('];

/** The words of a line; an error for what a shell would do and this terminal does not. */
export function splitWords(line: string): SplitResult {
  const words: string[] = [];
  let word = '';
  let isOpen = false;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at]!;
    if (quote) {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && /["\\$]/.test(line[at + 1] ?? ''))
        word += line[++at] ?? '';
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      isOpen = true;
    } else if (char === '\\') {
      word += line[++at] ?? '';
      isOpen = true;
    } else if (/\s/.test(char)) {
      if (isOpen) words.push(word);
      word = '';
      isOpen = false;
    } else {
      const operator = OPERATORS.find((one) => line.startsWith(one, at));
      if (operator)
        return { error: `"${operator}" is the shell's: this terminal runs one command at a time` };
      word += char;
      isOpen = true;
    }
  }
  if (quote) return { error: `a ${quote} is not closed` };
  if (isOpen) words.push(word);
  return { words };
}
