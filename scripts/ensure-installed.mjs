// Installs the project's dependencies when they are missing or older than the lock file.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '..',
);

const NODE_MIN = [20, 19];

/** Ends the program with one sentence when Node is too old or the installation fails. */
export function ensureInstalled() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]))
    endWith(
      `Meshwala needs Node ${NODE_MIN.join('.')} or newer; this is ${process.versions.node}.`,
    );
  const installed = path.join(ROOT, 'node_modules/.package-lock.json');
  const lock = path.join(ROOT, 'package-lock.json');
  if (fs.existsSync(installed) && fs.statSync(installed).mtimeMs >= fs.statSync(lock).mtimeMs)
    return;
  console.error('Installing dependencies (npm ci) …');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (npm.status !== 0)
    endWith('npm ci failed: see its words above; a network to the npm registry is needed once.');
  fs.utimesSync(installed, new Date(), new Date());
}

export function endWith(sentence) {
  console.error(sentence);
  process.exit(1);
}
