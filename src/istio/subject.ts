/**
 * What a document says it is, and whether the API server serves such a thing.
 * Spec: https://kubernetes.io/docs/reference/using-api/api-concepts/
 * Simplified: of groups that others define, any kind is taken to be served.
 */
import { kindOf, splitApiVersion } from '../kube/objects/kinds.ts';
import type { YamlDocument } from '../kube/yaml/documents.ts';
import { servedKind } from './kinds/kinds.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Subject {
  readonly fields: Fields;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** "" for what is in no namespace. */
  readonly namespace: string;
}

export function identify({ value }: YamlDocument, defaultNamespace: string): Subject {
  const fields = isFields(value) ? value : {};
  const metadata = isFields(fields['metadata']) ? fields['metadata'] : {};
  const kind = textOr(fields['kind'], '');
  const apiVersion = textOr(fields['apiVersion'], '');
  const namespaced = kindOf({ apiVersion, kind })?.namespaced ?? kind !== '';
  return {
    fields,
    apiVersion,
    kind,
    name: textOr(metadata['name'], ''),
    namespace: namespaced ? textOr(metadata['namespace'], defaultNamespace) : '',
  };
}

/** Groups of Kubernetes all of whose kinds are known here, with those that nothing else uses. */
const CLOSED_GROUPS: ReadonlyMap<string, readonly string[]> = new Map([
  ['', ['Binding', 'ComponentStatus', 'Event', 'PodTemplate', 'ReplicationController']],
  ['apps', ['ControllerRevision']],
  ['batch', []],
]);

/** Why the API server has no resource for it; undefined when it has. */
export function unservedProblem({ fields, apiVersion, kind }: Subject): string | undefined {
  const missing = ['apiVersion', 'kind'].find((field) => textOr(fields[field], '') === '');
  if (missing) return `Object '${missing}' is missing in '${JSON.stringify(fields)}'`;
  if (servedKind(apiVersion, kind) || kindOf({ apiVersion, kind })) return undefined;
  const { group } = splitApiVersion(apiVersion);
  const isIstio = /(^|\.)istio\.io(\/|$)/.test(apiVersion);
  const others = CLOSED_GROUPS.get(group);
  if (!isIstio && (!others || others.includes(kind))) return undefined;
  return `no matches for kind "${kind}" in version "${apiVersion}"`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}
