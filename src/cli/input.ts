/** What a command reads: files, folders of manifests, standard input. */
import fs from 'node:fs';
import path from 'node:path';
import { cannot, CommandFailure } from './failure.ts';

export interface InputFile {
  /** As found: "config/b.yaml"; "-" for standard input. */
  readonly path: string;
  readonly text: string;
}

const MANIFEST = /\.(ya?ml|json)$/;

/**
 * The files that `paths` name, in that order: a file, a folder (every *.yaml, *.yml, *.json in it,
 * sorted by name), or "-" for standard input. Throws a CommandFailure for what cannot be read.
 */
export function readInputFiles(paths: readonly string[]): InputFile[] {
  return paths.flatMap((name) => {
    if (name === '-') return [{ path: '-', text: readText('-') }];
    return filesAt(name).map((file) => ({ path: file, text: readText(file) }));
  });
}

/** The text of one file, or of standard input for "-". */
export function readText(file: string): string {
  try {
    return fs.readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw cannot('read', file === '-' ? 'standard input' : file, error);
  }
}

/** The JSON value in a file, or in standard input for "-". */
export function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw cannot('read', `${file} as JSON`, error);
  }
}

/** The folders inside `folder`, sorted by name: the cases of a batch. */
export function caseFolders(folder: string): string[] {
  return entries(folder)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

function filesAt(name: string): string[] {
  const stat = fs.statSync(name, { throwIfNoEntry: false });
  if (!stat) throw new CommandFailure(`cannot read ${name}: no such file or folder`);
  if (!stat.isDirectory()) return [name];
  const found = entries(name)
    .filter((entry) => entry.isFile() && MANIFEST.test(entry.name))
    .map((entry) => path.join(name, entry.name))
    .sort();
  if (found.length === 0)
    throw new CommandFailure(`cannot read ${name}: no *.yaml, *.yml or *.json is in it`);
  return found;
}

function entries(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw cannot('read', folder, error);
  }
}
