// What the real istioctl analyze says about the recorded istiod cases.
import fs from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { analyzeDocuments } from '../../src/istio/analysis/analyze.ts';
import type { MeshConfig } from '../../src/istio/kinds/mesh-config.ts';
import { readDocuments } from '../../src/kube/yaml/documents.ts';
import { sharedFolder } from '../support/shared-data.ts';

interface Recorded {
  code: string;
  origin: string;
  message: string;
  error?: string;
}

const folder = sharedFolder('oracle/istiod');
const cases = folder
  ? fs
      .readdirSync(folder)
      .filter((name) => fs.existsSync(`${folder}/${name}/answer.json`))
      .sort()
  : [];

describe.skipIf(!folder)('analysis of the recorded cases', () => {
  it.each(cases)('%s', (name) => {
    const read = (file: string) => fs.readFileSync(`${folder}/${name}/${file}`, 'utf8');
    const { analysis } = JSON.parse(read('answer.json')) as { analysis?: Recorded[] | null };
    if (analysis?.some(({ error }) => error)) return; // the analyzer itself failed there
    const { mesh_config: meshConfig } = load(read('case.json')) as { mesh_config?: MeshConfig };
    const documents = ['cluster.yaml', 'config.yaml'].flatMap((file) =>
      readDocuments(read(file), file),
    );
    const messages = analyzeDocuments(documents, {
      meshConfig: meshConfig ?? {},
      assumeIngressGateway: true,
    });
    const lines = (list: readonly { code: string; origin: string; message: string }[]) =>
      list.map(({ code, origin, message }) => `${code} ${origin}: ${message}`).sort();
    expect(lines(messages)).toEqual(lines(analysis ?? []));
  });
});
