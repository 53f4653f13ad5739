import fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { readDocuments, type ValuePath } from '../../src/kube/yaml/documents.ts';

const key = fc
  .stringMatching(/^[a-z][a-zA-Z0-9-]{0,8}$/)
  .filter((text) => !/^(y|yes|n|no|on|off|true|false|null)$/i.test(text));
const leaf = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.boolean(),
  fc.string({ unit: 'grapheme-ascii' }),
  fc.constantFrom('yes', '017', '2001-01-01', '~', '1e3', 'a: b', '- x', '#', '', "it's"),
);
const tree = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(key, tie('node'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).node;
const documentTree = fc.dictionary(key, tree, { minKeys: 1, maxKeys: 5, noNullPrototype: true });

function* leaves(
  value: unknown,
  path: ValuePath = [],
): Iterable<{ path: ValuePath; value: unknown }> {
  if (typeof value !== 'object' || value === null) yield { path, value };
  else
    for (const [name, child] of Object.entries(value))
      yield* leaves(child, [...path, Array.isArray(value) ? Number(name) : name]);
}

function cut(
  text: string,
  range: ReturnType<ReturnType<typeof readDocuments>[0]['rangeOf']>,
): string {
  const lines = text.split('\n').slice(range.line - 1, range.endLine);
  lines[lines.length - 1] = lines.at(-1)!.slice(0, range.endColumn - 1);
  lines[0] = lines[0]!.slice(range.column - 1);
  return lines.join('\n');
}

describe('positions in YAML', () => {
  it('reads back what was written, and the range of each plain value holds its text', () => {
    fc.assert(
      fc.property(documentTree, fc.constantFrom(-1, 1, 2), (value, flowLevel) => {
        const yaml = dump(value, {
          flowLevel,
          lineWidth: -1,
          quotingType: '"',
          forceQuotes: true,
        } as never);
        const text = `# head\n---\n${yaml}---\nother: 1\n`;
        const [document, other] = readDocuments(text);
        expect(document!.diagnostics).toEqual([]);
        expect(document!.value).toEqual(value);
        expect(other!.value).toEqual({ other: 1 });
        for (const { path, value: expected } of leaves(value)) {
          const source = cut(text, document!.rangeOf(path));
          if (typeof expected === 'string' && !source.includes('\n'))
            expect(readDocuments(`v: ${source}`)[0]!.value).toEqual({ v: expected });
          else if (typeof expected !== 'string') expect(source).toBe(String(expected));
          const name = path.at(-1);
          if (typeof name === 'string')
            expect(cut(text, document!.keyRangeOf(path))).toContain(name);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'ab:- \n\t{}[]&*!|>"\'#?,%'), maxLength: 60 }),
        (text) => {
          for (const document of readDocuments(text)) {
            const { line, column } = document.rangeOf(['a', 0, 'b']);
            expect(line).toBeGreaterThan(0);
            expect(column).toBeGreaterThan(0);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
