import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { replayScenario } from './scenario.ts';

/** `npm run goldens` writes the answers anew: read the difference, commit what you understand. */
const IS_REWRITING = process.env['REWRITE_GOLDENS'] === '1';
const FOLDER = import.meta.dirname;

describe('scenario', () => {
  for (const file of fs.readdirSync(FOLDER).filter((name) => name.endsWith('.txt')))
    it(path.basename(file, '.txt').replaceAll('-', ' '), () => {
      const full = path.join(FOLDER, file);
      const wanted = fs.readFileSync(full, 'utf8');
      const found = replayScenario(wanted);
      if (IS_REWRITING) fs.writeFileSync(full, found);
      else expect(found).toBe(wanted);
    });
});
