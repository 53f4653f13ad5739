/** Models where the mesh config lies in a cluster: ConfigMap `istio` in `istio-system`, key `mesh`. */
import { load } from 'js-yaml';
import type { MeshConfig } from '../istio/kinds/mesh-config.ts';
import type { ApiServer } from '../kube/api-server.ts';

/** Undefined when there is none, or when it cannot be read: istiod then keeps its defaults. */
export function meshConfigOf(api: ApiServer): MeshConfig | undefined {
  const text = api.get('ConfigMap', 'istio-system', 'istio')?.data?.['mesh'];
  if (text === undefined) return undefined;
  try {
    const value: unknown = load(text);
    return typeof value === 'object' && value !== null ? (value as MeshConfig) : undefined;
  } catch {
    // istiod logs "failed to read mesh configuration" and goes on with what it had
    return undefined;
  }
}
