/** Reads a SCENE argument: a folder or file of manifests, perhaps with scene.yaml. */
import path from 'node:path';
import { readScene } from '../mesh/scene.ts';
import type { Scene } from '../protocol/scene.ts';
import { CommandFailure } from './failure.ts';
import { readInputFiles } from './input.ts';

/** Throws a CommandFailure that says what is wrong with which file. */
export function sceneFrom(target: string): Scene {
  const files = readInputFiles([target]).map(({ path: file, text }) => ({
    path: path.basename(file),
    text,
  }));
  const { scene, problems } = readScene(path.basename(path.resolve(target)), files);
  if (!scene) throw new CommandFailure(`${target}: ${problems.join('; ')}`);
  return scene;
}

/** "90s", "10m", "1500ms" → microseconds; throws a CommandFailure for anything else. */
export function microsecondsOf(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(text);
  const unit = match && { us: 1, ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 }[match[2]!];
  if (!match || !unit)
    throw new CommandFailure(`--${flag} needs a duration such as 500ms, 60s or 10m, not "${text}"`);
  return Math.round(Number(match[1]) * unit);
}
