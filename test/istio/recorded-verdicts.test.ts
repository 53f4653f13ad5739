// Every document of the recorded istiod cases: verdict, stage and words.
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validateDocument } from '../../src/istio/document.ts';
import { readDocuments } from '../../src/kube/yaml/documents.ts';
import { sharedFolder } from '../support/shared-data.ts';

interface Recorded {
  index: number;
  kind: string;
  name: string;
  accepted: boolean;
  stage?: string;
  errors?: string[];
  warnings?: string[];
  if_pruned?: { accepted: boolean; stage?: string };
}

/**
 * Words that differ for a reason: the API server names unknown fields before it validates, the
 * recorder after; and the recorder quotes the text of an object without apiVersion.
 */
const OTHER_WORDS = new Set(['d02-hosts-not-host', 'm16-no-api-version']);

const folder = sharedFolder('oracle/istiod');
const cases = folder
  ? fs
      .readdirSync(folder)
      .filter((name) => fs.existsSync(`${folder}/${name}/answer.json`))
      .sort()
  : [];

describe.skipIf(!folder)('documents of the recorded cases', () => {
  it.each(cases)('%s', (name) => {
    const recorded = (
      JSON.parse(fs.readFileSync(`${folder}/${name}/answer.json`, 'utf8')) as {
        documents?: Recorded[] | null;
      }
    ).documents;
    const documents = readDocuments(fs.readFileSync(`${folder}/${name}/config.yaml`, 'utf8'));
    for (const expected of recorded ?? []) {
      const document = documents[expected.index];
      expect(document, `document ${expected.index}`).toBeDefined();
      const verdict = validateDocument(document!);
      const shown = `${expected.kind} ${expected.name}: ${JSON.stringify(expected.errors)} / ${JSON.stringify(verdict.errors)}`;
      expect(verdict.accepted, shown).toBe(expected.accepted);
      if (!expected.accepted && expected.stage !== 'kubernetes')
        expect(verdict.stage, shown).toBe(expected.stage);
      if (!OTHER_WORDS.has(expected.name))
        expect.soft(sameWords(verdict.errors, expected.errors), shown).toBe(true);
      if (verdict.stage !== 'schema')
        expect
          .soft([...verdict.warnings].sort(), shown)
          .toEqual([...(expected.warnings ?? [])].sort());
      if (expected.if_pruned) {
        const lenient = validateDocument(document!, { unknownFields: 'ignore' });
        expect(lenient.accepted, shown).toBe(expected.if_pruned.accepted);
      }
    }
  });
});

/** Each of our texts is in theirs: the recorder writes object names before them. */
function sameWords(ours: readonly string[], theirs: readonly string[] = []): boolean {
  const whole = theirs.join(' ');
  return ours.every((text) => whole.includes(text)) && ours.length > 0 === theirs.length > 0;
}
