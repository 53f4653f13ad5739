/**
 * The schema around a spec: apiVersion, kind, metadata, spec and status.
 * Spec: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
import { anything, list, object, type SchemaNode, string, strings } from './schema-node.ts';

const stringMap: SchemaNode = { type: 'object', values: string };

export const metadata = object({
  name: string,
  generateName: string,
  namespace: string,
  labels: stringMap,
  annotations: stringMap,
  finalizers: strings,
  ownerReferences: list(anything),
  managedFields: list(anything),
  uid: string,
  resourceVersion: string,
  selfLink: string,
  generation: { type: 'integer' },
  creationTimestamp: { type: 'string', nullable: true },
  deletionTimestamp: { type: 'string', nullable: true },
  deletionGracePeriodSeconds: { type: 'integer', nullable: true },
});

/** The whole object with this spec. */
export function envelope(spec: SchemaNode, required: readonly string[] = []): SchemaNode {
  return object(
    { apiVersion: string, kind: string, metadata, spec, status: anything },
    { required },
  );
}
