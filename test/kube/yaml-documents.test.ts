import { describe, expect, it } from 'vitest';
import { readDocuments } from '../../src/kube/yaml/documents.ts';

const only = (text: string) => readDocuments(text)[0]!;

describe('YAML as Kubernetes reads it', () => {
  it.each([
    ['yes', true],
    ['on', true],
    ['n', false],
    ['017', 15],
    ['0x1f', 31],
    ['089', 89],
    ['1_000', 1000],
    ['1e3', 1000],
    ['2001-01-01', '2001-01-01'],
    ['12:30', '12:30'],
    ['1.2.3', '1.2.3'],
    ['"yes"', 'yes'],
    ['!!str 17', '17'],
    ['~', null],
    ['-5', -5],
    ['5s', '5s'],
  ])('reads %s', (text, value) => {
    expect(only(`a: ${text}`).value).toEqual({ a: value });
  });

  it('keeps a colon before a flow indicator, as go-yaml does', () => {
    expect(only('a: [001:db8::, x]\nb: {c: ::1}').value).toEqual({
      a: ['001:db8::', 'x'],
      b: { c: '::1' },
    });
  });

  it('follows anchors and merge keys; own keys win', () => {
    const text = 'base: &b {x: 1, z: 2}\nuse:\n  <<: *b\n  z: 3\n';
    expect(only(text).value).toEqual({ base: { x: 1, z: 2 }, use: { x: 1, z: 3 } });
  });

  it('remembers a key given twice, which strict decoding refuses', () => {
    const document = readDocuments('# first\nz: 1\n---\na: 1\nb:\n  c: 1\n  c: 2\n')[1]!;
    expect(document.value).toEqual({ a: 1, b: { c: 2 } });
    expect(document.diagnostics).toEqual([
      {
        code: 'duplicate-key',
        message: 'yaml: line 4: key "c" already set in map',
        range: { line: 7, column: 3, endLine: 7, endColumn: 4 },
      },
    ]);
  });

  it('reads the documents around a broken one', () => {
    const documents = readDocuments('a: 1\n---\na: b: c\n---\n# nothing\n---\nb: 2\n');
    expect(documents.map((document) => document.value)).toEqual([{ a: 1 }, undefined, { b: 2 }]);
    expect(documents[1]!.diagnostics[0]!.message).toBe(
      'yaml: line 1: mapping values are not allowed in this context',
    );
  });

  it('refuses a YAML bomb at once', () => {
    let text = 'a0: &a0 [x,x,x,x,x,x,x,x,x]\n';
    for (let i = 1; i < 12; i++) text += `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]\n`;
    expect(only(text).diagnostics[0]!.message).toContain('document contains excessive aliasing');
  });

  it('refuses an anchor that contains itself and one that is unknown', () => {
    expect(only('a: &x [*x]').diagnostics[0]!.message).toContain('contains itself');
    expect(only('a: *y').diagnostics[0]!.message).toContain("unknown anchor 'y' referenced");
  });

  it('expands a List; each item has its own positions', () => {
    const text =
      'kind: List\napiVersion: v1\nitems:\n- kind: A\n- kind: B\n  metadata: {name: b}\n';
    const documents = readDocuments(text);
    expect(documents.map((document) => document.index)).toEqual([0, 1]);
    expect(documents[1]!.rangeOf(['metadata', 'name'])).toEqual({
      line: 6,
      column: 20,
      endLine: 6,
      endColumn: 21,
    });
  });

  it('says where keys and values stand, and falls back to the nearest parent', () => {
    const document = readDocuments('---\na: 1\nb:\n  c: "x"\n  d: [1, 2]\n')[0]!;
    expect(document.rangeOf(['b', 'c'])).toEqual({ line: 4, column: 6, endLine: 4, endColumn: 9 });
    expect(document.rangeOf(['b', 'd'])).toEqual({
      line: 5,
      column: 6,
      endLine: 5,
      endColumn: 12,
    });
    expect(document.keyRangeOf(['b', 'c'])).toEqual({
      line: 4,
      column: 3,
      endLine: 4,
      endColumn: 4,
    });
    expect(document.rangeOf(['b', 'e', 'f'])).toEqual(document.rangeOf(['b']));
  });

  it('reads JSON, tabs and all', () => {
    expect(only('{\n\t"a": [1, "x"]\n}').value).toEqual({ a: [1, 'x'] });
  });
});
