import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { injectionRefusal, isSelectedByWebhook } from '../../src/kube/injection/decision.ts';
import { inject } from '../../src/kube/injection/inject.ts';
import { DEFAULT_INJECTION } from '../../src/kube/injection/injection-config.ts';
import type { KubeObject, ObjectMeta } from '../../src/kube/objects/metadata.ts';
import type { Pod, PodTemplateSpec } from '../../src/kube/objects/pod.ts';
import { readDocuments } from '../../src/kube/yaml/documents.ts';
import { sharedFolder } from '../support/shared-data.ts';

const folder = sharedFolder('oracle/istioctl/inject');
const cases = folder ? fs.readdirSync(folder).sort() : [];

/** Injects an object as `istioctl kube-inject` does: no namespace label is asked for. */
function injectObject(object: KubeObject): KubeObject {
  const template = object.kind === 'Pod' ? undefined : templateOf(object);
  const metadata: Partial<ObjectMeta> = template ? (template.metadata ?? {}) : object.metadata;
  const spec = template ? template.spec : (object as Pod).spec;
  const { namespace = '', name } = object.metadata;
  if (injectionRefusal(metadata, spec, namespace)) return object;
  const workload = { apiVersion: object.apiVersion, kind: object.kind, name };
  const injected = inject({ metadata, namespace, workload }, spec, DEFAULT_INJECTION);
  if (template) return { ...object, spec: { ...(object.spec as object), template: injected } };
  return { ...object, metadata: { ...object.metadata, ...injected.metadata }, spec: injected.spec };
}

function templateOf(object: KubeObject): PodTemplateSpec {
  return (object.spec as { template: PodTemplateSpec }).template;
}

/**
 * Without what Go prints for empty structs, with quantities in one spelling, and with an image that
 * YAML takes for a boolean as the text that istioctl's typed reader makes of it.
 */
function normalized(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => normalized(item));
  if (typeof value !== 'object' || value === null) {
    if (key === 'image') return String(value);
    return key === 'cpu' ? cores(value) : value;
  }
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    if (name === 'status' || field === null || field === undefined || field === '') continue;
    const next = normalized(field, name);
    const isEmpty =
      name !== 'emptyDir' && typeof next === 'object' && Object.keys(next as object).length === 0;
    if (!isEmpty) fields[name] = next;
  }
  return fields;
}

function cores(value: unknown): unknown {
  const milli = /^(\d+)m$/.exec(String(value));
  return milli ? Number(milli[1]) / 1000 : Number(value);
}

describe('injection equals what istioctl kube-inject printed', () => {
  it.skipIf(!folder).each(cases)('%s', (name) => {
    const read = (file: string) =>
      readDocuments(fs.readFileSync(path.join(folder!, name, file), 'utf8')).map(
        (document) => document.value as KubeObject,
      );
    const expected = read('injected.yaml').map((object) => normalized(object));
    expect(read('input.yaml').map((object) => normalized(injectObject(object)))).toEqual(expected);
  });
});

describe('the webhook is asked about', () => {
  it.each([
    [
      'a pod in a namespace with istio-injection=enabled',
      {},
      { 'istio-injection': 'enabled' },
      true,
    ],
    [
      'no pod with the inject label false',
      { 'sidecar.istio.io/inject': 'false' },
      { 'istio-injection': 'enabled' },
      false,
    ],
    ['no pod in an unlabelled namespace', {}, {}, false],
    ['a pod with the inject label there', { 'sidecar.istio.io/inject': 'true' }, {}, true],
    [
      'no such pod where injection is disabled',
      { 'sidecar.istio.io/inject': 'true' },
      { 'istio-injection': 'disabled' },
      false,
    ],
    ['a pod in a namespace of this revision', {}, { 'istio.io/rev': 'default' }, true],
    ['no pod in a namespace of another revision', {}, { 'istio.io/rev': 'canary' }, false],
  ] as const)('%s', (_title, labels, namespaceLabels, selected) => {
    expect(isSelectedByWebhook({ labels }, namespaceLabels, 'default')).toBe(selected);
  });
});
