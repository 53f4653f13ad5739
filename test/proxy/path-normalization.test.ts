import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  applyPathRules,
  mergeSlashes,
  normalizePath,
  unescapeSlashes,
  withoutQueryAndFragment,
} from '../../src/proxy/http/path-normalization.ts';
import { sharedFolder } from '../support/shared-data.ts';

interface Row {
  readonly in: string;
  readonly out: string;
}
interface Vectors {
  readonly normalize_path: readonly Row[];
  readonly normalize_unchanged: readonly string[];
  readonly normalize_invalid: readonly string[];
  readonly merge_slashes: readonly Row[];
  readonly remove_query_and_fragment: readonly Row[];
  readonly unescape_slashes: readonly Row[];
}

const file = sharedFolder('conformance/envoy/path/path.json');

describe.skipIf(!file)('Envoy’s own path tables', () => {
  const vectors = JSON.parse(file ? fs.readFileSync(file, 'utf8') : '{}') as Vectors;
  const all = (rows: readonly Row[], run: (path: string) => string | undefined) =>
    expect(rows.map((row) => [row.in, run(row.in)])).toEqual(rows.map((row) => [row.in, row.out]));

  test('normalise', () => all(vectors.normalize_path, normalizePath));
  test('leave plain paths alone', () =>
    all(
      vectors.normalize_unchanged.map((path) => ({ in: path, out: path })),
      normalizePath,
    ));
  test('refuse a NUL', () =>
    expect(vectors.normalize_invalid.map(normalizePath)).toEqual(
      vectors.normalize_invalid.map(() => undefined),
    ));
  test('merge slashes', () => all(vectors.merge_slashes, mergeSlashes));
  test('unescape slashes', () => all(vectors.unescape_slashes, unescapeSlashes));
  test('cut query and fragment', () =>
    all(vectors.remove_query_and_fragment, withoutQueryAndFragment));
});

test('an escaped slash redirects to the normalised path', () => {
  const rules = {
    normalize: true,
    mergeSlashes: false,
    escapedSlashes: 'unescape-and-redirect',
  } as const;
  expect(applyPathRules('/a%2F..%2Fb', rules)).toEqual({ verdict: 'redirect', path: '/b' });
  expect(applyPathRules('/a?x=%2f', rules)).toEqual({ verdict: 'accept', path: '/a?x=%2f' });
});
