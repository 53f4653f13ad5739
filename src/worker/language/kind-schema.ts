/** The schema of whole objects, for help in the editor. */
import { servedKind, SERVED_KINDS } from '../../istio/kinds/kinds.ts';
import { envelope } from '../../istio/schema/object-envelope.ts';
import type { SchemaNode } from '../../istio/schema/schema-node.ts';
import { SPEC_SCHEMAS } from '../../istio/schema/schemas.ts';

/** Undefined for kinds that are not Istio's. */
export function objectSchema(apiVersion: string, kind: string): SchemaNode | undefined {
  const served =
    apiVersion === ''
      ? SERVED_KINDS.find((one) => one.kind === kind)
      : servedKind(apiVersion, kind);
  return served && envelope(SPEC_SCHEMAS[served.kind]);
}

/** "string", "list of objects", "one of STRICT, PERMISSIVE": a field's type in words. */
export function typeText(node: SchemaNode): string {
  if (node.oneOfValues) return node.oneOfValues.join(' | ');
  if (node.type === 'array') return `list of ${node.items ? typeText(node.items) : 'values'}`;
  if (node.values) return `map of ${typeText(node.values)}`;
  return node.type;
}
