import { describe, expect, it } from 'vitest';
import { splitWords } from '../../../src/mesh/terminal/words.ts';

describe('words of a line', () => {
  it.each([
    ['kubectl  get\tpods', ['kubectl', 'get', 'pods']],
    [`curl -H 'x: a b' "http://web/"`, ['curl', '-H', 'x: a b', 'http://web/']],
    [`a"b c"'d e'f`, ['ab cd ef']],
    [`say "a \\"quoted\\" word" 'a \\ backslash'`, ['say', 'a "quoted" word', 'a \\ backslash']],
    ['one\\ word', ['one word']],
    [`empty '' ""`, ['empty', '', '']],
    ['', []],
    [`jsonpath='{.items[*].metadata.name}'`, ['jsonpath={.items[*].metadata.name}']],
    [`curl 'http://web/?a=1&b=2|3'`, ['curl', 'http://web/?a=1&b=2|3']],
  ])('of %j are %j', (line, words) => {
    expect(splitWords(line)).toEqual({ words });
  });

  it.each(['|', '>', '<', '&', '`', '$(', ';'])('are none where %s is left to a shell', (sign) => {
    expect(splitWords(`kubectl get pods ${sign} more`)).toEqual({
      error: `"${sign}" is the shell's: this terminal runs one command at a time`,
    });
  });

  it('are none while a quote is open', () => {
    expect(splitWords(`echo "a`)).toEqual({ error: 'a " is not closed' });
  });
});
