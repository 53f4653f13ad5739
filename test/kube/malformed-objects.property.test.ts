import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kubectlWords } from '../../src/kube/api/api-error.ts';
import { ApiServer } from '../../src/kube/api-server.ts';
import { objectOf, readDocuments } from '../../src/kube/yaml/documents.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { startCluster, webYaml } from './cluster.ts';

const JOB = `
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: main, env: [{name: A, value: b}]}]}}}
`;
const PROBE =
  '        readinessProbe: {httpGet: {port: http}}\n        volumeMounts: [{name: v, mountPath: /v}]\n      volumes: [{name: v, emptyDir: {}}]\n';
const originals = readDocuments(`${webYaml('web', 1, 'web:1', PROBE)}---${JOB}`).map(
  (document) => document.value,
);

/** Paths of all values within a value. */
function paths(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => paths(child, [...path, key]))];
}

function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, at) => (String(at) === step ? replaced(item, rest, by) : item));
  const fields = value as Record<string, unknown>;
  return { ...fields, [step]: replaced(fields[step], rest, by) };
}

describe('an object with a value of the wrong type', () => {
  it('is stored or refused in words, and breaks nothing', () => {
    const cases = originals.flatMap((value) => paths(value).map((path) => ({ value, path })));
    const wrong = fc.constantFrom(
      null,
      7,
      -1,
      1.5,
      true,
      'x',
      '',
      [],
      ['x'],
      [null],
      {},
      { a: 1 },
      [[]],
    );
    fc.assert(
      fc.property(fc.constantFrom(...cases), wrong, ({ value, path }, by) => {
        const text = JSON.stringify(replaced(value, path, by));
        const object = objectOf(readDocuments(text)[0] ?? readDocuments('{}')[0]!);
        if (!object) return;
        const cluster = startCluster();
        const result = cluster.api.apply(object);
        if (!result.ok) expect(kubectlWords(result.error)).toMatch(/^(The|Error)/);
        cluster.run(2);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused in Go’s words', () => {
    const api = new ApiServer(new Simulation(1));
    const said = (yaml: string) => {
      const result = api.apply(objectOf(readDocuments(yaml)[0]!)!);
      return result.ok ? 'ok' : result.error.message;
    };
    expect(said(webYaml('web', 1).replace('image: web:1', 'image: y'))).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal bool into Go struct field Container.spec.template.spec.containers.image of type string',
    );
    expect(said(webYaml('web', 1).replace('replicas: 1', 'replicas: "1"'))).toContain(
      'cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
  });
});
