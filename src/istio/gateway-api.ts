/**
 * The Gateway API's routes, as far as people get them wrong: unknown fields, paths, backends.
 * Spec: https://gateway-api.sigs.k8s.io/reference/spec/
 * Simplified: the outer fields of each kind and two rules; not the whole schema.
 */
import { fieldPath } from './schema/field-path.ts';
import {
  anything,
  list,
  object,
  string,
  stringMap,
  strings,
  uint32,
  type SchemaNode,
} from './schema/schema-node.ts';
import { envelope } from './schema/object-envelope.ts';
import { unknownFields } from './schema/strict-decoding.ts';
import type { SchemaProblem } from './schema/walker.ts';

const things = list(anything);
const routeFields = { parentRefs: things, hostnames: strings };
const route = (rule: SchemaNode) => envelope(object({ ...routeFields, rules: list(rule) }));
const plainRule = object({ name: string, backendRefs: things });

const SCHEMAS: Readonly<Record<string, SchemaNode>> = {
  HTTPRoute: route(
    object({
      name: string,
      matches: list(
        object({ path: anything, headers: things, queryParams: things, method: string }),
      ),
      filters: things,
      backendRefs: things,
      timeouts: object({ request: string, backendRequest: string }),
      retry: anything,
      sessionPersistence: anything,
    }),
  ),
  GRPCRoute: route(
    object({
      name: string,
      matches: list(object({ method: anything, headers: things })),
      filters: things,
      backendRefs: things,
      sessionPersistence: anything,
    }),
  ),
  TCPRoute: route(plainRule),
  TLSRoute: route(plainRule),
  Gateway: envelope(
    object({
      gatewayClassName: string,
      listeners: list(
        object({
          name: string,
          hostname: string,
          port: uint32,
          protocol: string,
          tls: anything,
          allowedRoutes: anything,
        }),
      ),
      addresses: things,
      infrastructure: object({
        labels: stringMap,
        annotations: stringMap,
        parametersRef: anything,
      }),
      backendTLS: anything,
      tls: anything,
      allowedListeners: anything,
    }),
  ),
};

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with an object of the Gateway API; undefined for any other. */
export function gatewayApiProblems(
  apiVersion: string,
  kind: string,
  object: Fields,
): SchemaProblem[] | undefined {
  if (!apiVersion.startsWith('gateway.networking.k8s.io/')) return undefined;
  const schema = SCHEMAS[kind];
  if (!schema) return [];
  const unknown = unknownFields(schema, object, []).map((path) => ({
    path,
    message: `strict decoding error: unknown field "${fieldPath(path)}"`,
  }));
  return unknown.length > 0 ? unknown : ruleProblems(object);
}

function ruleProblems({ spec }: Fields): SchemaProblem[] {
  const rules = (spec as { rules?: readonly Fields[] } | undefined)?.rules ?? [];
  return rules.flatMap((rule, index) => {
    const path = ['spec', 'rules', index];
    const matches = (rule['matches'] ?? []) as readonly { path?: Fields }[];
    const backends = (rule['backendRefs'] ?? []) as readonly Fields[];
    return [
      ...matches.flatMap((match, at) => pathProblem(match.path, [...path, 'matches', at, 'path'])),
      ...backends.flatMap((backend, at) => backendProblem(backend, [...path, 'backendRefs', at])),
    ];
  });
}

function pathProblem(match: Fields | undefined, path: SchemaProblem['path']): SchemaProblem[] {
  const { type = 'PathPrefix', value = '/' } = match ?? {};
  if (type === 'RegularExpression' || String(value).startsWith('/')) return [];
  const rule =
    "value must be an absolute path and start with '/' when type one of ['Exact', 'PathPrefix']";
  return [{ path, message: `${fieldPath(path)}: Invalid value: ${rule}` }];
}

function backendProblem(backend: Fields, path: SchemaProblem['path']): SchemaProblem[] {
  const { group = '', kind = 'Service', port } = backend;
  if (group !== '' || kind !== 'Service' || port !== undefined) return [];
  const rule = 'Must have port for Service reference';
  return [{ path, message: `${fieldPath(path)}: Invalid value: ${rule}` }];
}
