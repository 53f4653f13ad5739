/**
 * Models the ServiceAccount controller: every namespace has an account named default.
 *
 * Spec: https://kubernetes.io/docs/concepts/security/service-accounts/. Simplified: no tokens.
 */
import type { ApiServer } from '../api-server.ts';

export function startServiceAccountController(api: ApiServer): void {
  const ensure = (namespace: string) => {
    if (!api.get('Namespace', '', namespace)) return;
    if (api.get('ServiceAccount', namespace, 'default')) return;
    const metadata = { name: 'default', namespace };
    api.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  };
  api.watch('Namespace', ({ type, object }) => {
    if (type === 'ADDED') ensure(object.metadata.name);
  });
  api.watch('ServiceAccount', ({ type, object }) => {
    if (type === 'DELETED') ensure(object.metadata.namespace!);
  });
}
