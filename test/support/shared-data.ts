/** Where the public test cases and recorded answers lie; they are read in place, never copied. */
import fs from 'node:fs';
import path from 'node:path';

const conformance = path.resolve(process.env['CONFORMANCE_DIR'] ?? '../shared/conformance');
const roots: Readonly<Record<string, string>> = {
  conformance,
  oracle: path.join(path.dirname(conformance), 'oracle'),
  seed: path.join(path.dirname(conformance), 'seed'),
};

/**
 * The folder or file "oracle/mesh/…", "conformance/istio/…" or "seed/configs/…"; undefined, with
 * one line that says so, when it is absent on this machine.
 */
export function sharedFolder(name: string): string | undefined {
  const [root = '', ...rest] = name.split('/');
  const found = path.join(roots[root] ?? root, ...rest);
  if (fs.existsSync(found)) return found;
  console.log(`${name} is absent: its cases are skipped`);
  return undefined;
}
