/**
 * What analyzers look at: one object with its name, its spec as its kind decodes it, and its text.
 * Simplified: like istioctl, objects that cannot be decoded are passed over.
 */
import { kindOf } from '../../kube/objects/kinds.ts';
import type { StringMap } from '../../kube/objects/metadata.ts';
import type { YamlDocument } from '../../kube/yaml/documents.ts';
import { servedKind } from '../kinds/kinds.ts';
import { SPEC_SCHEMAS } from '../schema/schemas.ts';
import { isDecodable } from '../schema/decodable.ts';
import { decoded, pruned } from '../schema/strict-decoding.ts';

export interface Resource<Spec = Fields> {
  /** "VirtualService"; the Gateway API's Gateway is a "Gateway" too. */
  readonly kind: string;
  /** As kinds of analyzers' inputs are named: the Gateway API's Gateway is "KubernetesGateway". */
  readonly collection: string;
  readonly name: string;
  readonly namespace: string;
  /** "namespace/name", or just "name" without a namespace. */
  readonly fullName: string;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly spec: Spec;
  /** The whole object, for kinds without a spec. */
  readonly object: Fields;
  readonly document?: YamlDocument;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Namespaces of the system, which istioctl leaves out. */
const IGNORED_NAMESPACES: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]);

/** Undefined for what is no object, cannot be decoded, or belongs to the system. */
export function resourceOf(
  object: unknown,
  defaultNamespace: string,
  document?: YamlDocument,
): Resource | undefined {
  if (!isFields(object)) return undefined;
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const metadata = isFields(object['metadata']) ? object['metadata'] : {};
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
  const namespaced = kindOf({ apiVersion, kind })?.namespaced ?? true;
  const written = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : '';
  const namespace = namespaced ? written || defaultNamespace : '';
  if (IGNORED_NAMESPACES.has(kind === 'Namespace' ? name : namespace)) return undefined;
  const spec = specOf(apiVersion, kind, object);
  if (!spec) return undefined;
  return {
    kind,
    collection: collectionOf(apiVersion, kind),
    name,
    namespace,
    fullName: namespace === '' ? name : `${namespace}/${name}`,
    labels: stringMap(metadata['labels']),
    annotations: stringMap(metadata['annotations']),
    spec,
    object,
    ...(document && { document }),
  };
}

function collectionOf(apiVersion: string, kind: string): string {
  const isGatewayApi = apiVersion.startsWith('gateway.networking.k8s.io/');
  return isGatewayApi && kind === 'Gateway' ? 'KubernetesGateway' : kind;
}

function specOf(apiVersion: string, kind: string, object: Fields): Fields | undefined {
  const served = servedKind(apiVersion, kind);
  const spec = object['spec'] ?? {};
  if (!served) return apiVersion.includes('.istio.io') || !isFields(spec) ? undefined : spec;
  const schema = SPEC_SCHEMAS[served.kind];
  const known = pruned(schema, spec);
  return isDecodable(schema, known) ? (decoded(schema, known) as Fields) : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stringMap(value: unknown): StringMap {
  if (!isFields(value)) return {};
  const entries = Object.entries(value).map(([key, text]) => [key, String(text ?? '')] as const);
  return Object.fromEntries(entries);
}
