#!/usr/bin/env node
// The headless command line. Bundles one command's sources when they have changed since the last
// run (kept in node_modules/.cache/mesh), then runs it: a warm start reads no TypeScript at all.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const commandsFolder = path.join(root, 'src/cli/commands');
const name = process.argv[2] ?? '--help';
const entry = path.join(commandsFolder, `${name}.ts`);
const isCommand = /^[a-z][a-z-]*$/.test(name) && fs.existsSync(entry);

const bundle = await upToDateBundle(isCommand ? name : 'help');
const { command } = await import(pathToFileURL(bundle).href);
process.exitCode = await command.run(isCommand ? process.argv.slice(3) : process.argv.slice(2));

/** The path of a bundle that is no older than any source it was made from. */
async function upToDateBundle(command) {
  const cache = path.join(root, 'node_modules/.cache/mesh');
  const out = path.join(cache, `${command}.mjs`);
  const manifest = path.join(cache, `${command}.inputs.json`);
  if (isFresh(out, manifest)) return out;
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input: path.join(commandsFolder, `${command}.ts`),
    platform: 'node',
    cwd: root,
    external: /^node:/,
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false });
  const inputs = [...new Set(await build.watchFiles)].filter((file) => !file.includes('\0'));
  await build.close();
  fs.mkdirSync(cache, { recursive: true });
  writeWhole(out, output[0].code);
  writeWhole(manifest, JSON.stringify(inputs.map((file) => [file, stamp(file)])));
  return out;
}

function isFresh(out, manifest) {
  if (!fs.existsSync(out) || !fs.existsSync(manifest)) return false;
  const inputs = JSON.parse(fs.readFileSync(manifest, 'utf8'));
  return inputs.length > 0 && inputs.every(([file, was]) => stamp(file) === was);
}

function stamp(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}:${stat.size}` : 'gone';
}

/** Written beside and renamed, so that another run never reads half a file. */
function writeWhole(file, text) {
  const beside = `${file}.${createHash('sha1').update(text).digest('hex').slice(0, 8)}.${process.pid}`;
  fs.writeFileSync(beside, text);
  fs.renameSync(beside, file);
}
