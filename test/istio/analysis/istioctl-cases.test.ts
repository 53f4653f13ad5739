// istioctl's own analyzer tests: each analyzer alone over its files.
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyzeDocuments } from '../../../src/istio/analysis/analyze.ts';
import { analyzersNamed } from '../../../src/istio/analysis/analyzers.ts';
import { readDocuments } from '../../../src/kube/yaml/documents.ts';
import { sharedFolder } from '../../support/shared-data.ts';

interface Case {
  name: string;
  inputFiles: string[];
  analyzer: string;
  expected: [string, string][];
  meshConfigFile: string | null;
  meshNetworksFile: string | null;
}

const folder = sharedFolder('conformance/istio/analyzers');
const cases = folder ? (JSON.parse(fs.readFileSync(`${folder}/cases.json`, 'utf8')) as Case[]) : [];

describe.skipIf(!folder)('istioctl analyze', () => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const read = (file: string) =>
      readDocuments(fs.readFileSync(`${folder}/${file}`, 'utf8'), file);
    const settings = (file: string | null) => (file === null ? {} : (read(file)[0]?.value ?? {}));
    const messages = analyzeDocuments(one.inputFiles.flatMap(read), {
      defaultNamespace: '',
      assumeIngressGateway: true,
      analyzers: analyzersNamed(one.analyzer),
      meshConfig: settings(one.meshConfigFile),
      meshNetworks: settings(one.meshNetworksFile),
    });
    const sorted = (list: readonly (readonly string[])[]) =>
      list.map((pair) => pair.join(' ')).sort();
    expect(sorted(messages.map(({ name, origin }) => [name, origin]))).toEqual(
      sorted(one.expected),
    );
  });
});
