import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { answerIstiodCase } from '../../src/cli/xds/istiod-case.ts';
import { sharedFolder } from '../support/shared-data.ts';

/** A part of the recorded answers, whole and field by field; the checker compares all of them. */
const CASES = [
  'bookinfo-none',
  'bookinfo-reviews-50-v3',
  'bookinfo-gateway',
  'dr-subset-policies',
  'pa-workload',
  'gw-merged-virtual-services',
  'se-dns-endpoints',
  'az-several-policies',
];

const folder = sharedFolder('oracle/istiod');

describe.skipIf(!folder)('what istiod 1.30.3 was seen to send', () => {
  it.each(CASES)('%s', (name) => {
    const recorded = JSON.parse(
      fs.readFileSync(path.join(folder!, name, 'answer.json'), 'utf8'),
    ) as { proxies: unknown };
    expect(unordered(answerIstiodCase(folder!, name).proxies)).toEqual(unordered(recorded.proxies));
  });
});

/** Lists whose order says nothing are sorted; absent fields and undefined ones are the same. */
function unordered(value: unknown, field = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => unordered(item));
    const isSet = ['domains', 'virtual_hosts', 'lb_endpoints', 'query_parameters'].includes(field);
    return isSet ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, unordered((value as Record<string, unknown>)[key], key)])
      .filter(([key, it]) => it !== undefined && !(key === 'filter_chain_match' && isEmpty(it))),
  );
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
