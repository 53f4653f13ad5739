import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandFailure } from '../../src/cli/failure.ts';
import { caseFolders, readInputFiles, readJson } from '../../src/cli/input.ts';
import { tableText } from '../../src/cli/output.ts';

let folder = '';
const at = (name: string) => path.join(folder, name);

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'meshwala-input-'));
  fs.mkdirSync(at('inner.yaml'));
  fs.mkdirSync(at('b-case'));
  for (const name of ['z.yaml', 'a.yml', 'm.json', 'notes.md'])
    fs.writeFileSync(at(name), `# ${name}`);
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

describe('input files', () => {
  it('of a folder are its manifests, sorted by name, and nothing below it', () => {
    expect(readInputFiles([folder])).toEqual([
      { path: at('a.yml'), text: '# a.yml' },
      { path: at('m.json'), text: '# m.json' },
      { path: at('z.yaml'), text: '# z.yaml' },
    ]);
  });

  it('come in the order in which they were named, whatever their suffix', () => {
    const found = readInputFiles([at('z.yaml'), at('notes.md')]);
    expect(found.map((file) => path.basename(file.path))).toEqual(['z.yaml', 'notes.md']);
  });

  it('that cannot be read are named in one line', () => {
    expect(() => readInputFiles([at('gone.yaml')])).toThrow(
      new CommandFailure(`cannot read ${at('gone.yaml')}: no such file or folder`),
    );
    expect(() => readJson(at('m.json'))).toThrow(/^cannot read .*m\.json as JSON: /);
    expect(() => caseFolders(at('z.yaml'))).toThrow(/it is not a folder$/);
  });

  it('of a batch are the folders, sorted', () => {
    expect(caseFolders(folder)).toEqual(['b-case', 'inner.yaml']);
  });
});

describe('a table', () => {
  it('has columns as wide as their widest cell and no trailing space', () => {
    expect(
      tableText(
        ['NAME', 'READY'],
        [
          ['a', '1/1'],
          ['longer-name', 10],
        ],
      ),
    ).toBe('NAME         READY\na            1/1\nlonger-name  10\n');
  });
});
