import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { clustersTable } from '../../../src/mesh/terminal/istioctl/clusters.ts';
import { listenersTable } from '../../../src/mesh/terminal/istioctl/listeners.ts';
import type { ProxyDump } from '../../../src/mesh/terminal/istioctl/proxy-dump.ts';
import { routesTable } from '../../../src/mesh/terminal/istioctl/routes.ts';
import { sharedFolder } from '../../support/shared-data.ts';

const printed = sharedFolder('oracle/istioctl/proxy-config');
const answers = sharedFolder('oracle/istiod');

const TABLES: Record<string, (dump: ProxyDump) => string> = {
  clusters: (dump) => clustersTable(dump.clusters),
  listeners: (dump) => listenersTable(dump.listeners),
  routes: (dump) => routesTable(dump.routes),
};

describe.skipIf(!printed || !answers)('istioctl proxy-config', () => {
  for (const [name, file] of printedTables())
    it(`prints ${name}/${file} as istioctl does`, () => {
      const [, pod = '', what = ''] = /^(.+)\.(\w+)\.txt$/.exec(file) ?? [];
      const answer = JSON.parse(fs.readFileSync(path.join(answers!, name, 'answer.json'), 'utf8'));
      const wanted = fs.readFileSync(path.join(printed!, name, file), 'utf8');
      const table = TABLES[what]!(answer.proxies[pod]);
      expect(normal(table)).toEqual(normal(wanted));
    });
});

function printedTables(): [string, string][] {
  if (!printed) return [];
  return fs
    .readdirSync(printed)
    .flatMap((name) =>
      fs.readdirSync(path.join(printed, name)).map((file): [string, string] => [name, file]),
    )
    .filter(([name, file]) => isAnswered(name) && !isEmptyDump(name, file));
}

/** Some cases are kept back: printed, but without the configuration they were printed from. */
function isAnswered(name: string): boolean {
  return answers !== undefined && fs.existsSync(path.join(answers, name, 'answer.json'));
}

/** istioctl says "no listeners found" for a dump without any; that is the dispatcher's sentence. */
function isEmptyDump(name: string, file: string): boolean {
  return /^Error|^no /.test(fs.readFileSync(path.join(printed!, name, file), 'utf8'));
}

/** Rows of equal port and destination come out of Go's unstable sort in any order. */
function normal(table: string): string[] {
  const lines = table.split('\n').filter((line) => line.trim() !== '');
  return [lines[0]!, ...lines.slice(1).sort()].map((line) => line.trimEnd());
}
