/**
 * Models Endpoints, the older form of EndpointSlices: derived from them when somebody asks.
 *
 * Spec: https://kubernetes.io/docs/concepts/services-networking/service/#endpoints. Simplified: the
 * objects are not stored; endpoints that are not ready are left out.
 */
import type { ApiServer } from '../../../kube/api-server.ts';
import type { KubeObject } from '../../../kube/objects/metadata.ts';
import {
  SERVICE_NAME_LABEL,
  type EndpointSlice,
  type Service,
} from '../../../kube/objects/service.ts';

export interface Endpoints extends KubeObject {
  readonly subsets: readonly {
    readonly addresses: readonly { readonly ip: string }[];
    readonly ports: readonly { readonly port?: number; readonly name?: string }[];
  }[];
}

/** The Endpoints of every service of a namespace, or of all. */
export function endpointsIn(api: ApiServer, namespace: string | undefined): Endpoints[] {
  const options = namespace === undefined ? {} : { namespace };
  const services = api
    .list<Service>('Service', options)
    .filter(({ spec }) => spec.type !== 'ExternalName');
  return services.map((service) => endpointsOf(api, service));
}

function endpointsOf(api: ApiServer, { metadata }: Service): Endpoints {
  const { name, namespace, creationTimestamp, labels } = metadata;
  const selector = { matchLabels: { [SERVICE_NAME_LABEL]: name } };
  const slices = api.list<EndpointSlice>('EndpointSlice', { namespace: namespace!, selector });
  const subsets = slices
    .map(({ endpoints, ports }) => ({
      addresses: (endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ addresses }) => addresses.map((ip) => ({ ip }))),
      ports: ports ?? [],
    }))
    .filter(({ addresses }) => addresses.length > 0);
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      namespace: namespace!,
      ...(creationTimestamp && { creationTimestamp }),
      ...(labels && { labels }),
    },
    subsets,
  };
}

/** "10.244.0.2:9080,10.244.1.2:9080 + 1 more...". */
export function endpointsText({ subsets }: Endpoints): string {
  const all = subsets.flatMap(({ addresses, ports }) =>
    ports.flatMap(({ port }) => addresses.map(({ ip }) => `${ip}:${port}`)),
  );
  if (all.length === 0) return '<none>';
  return all.slice(0, 3).join(',') + (all.length > 3 ? ` + ${all.length - 3} more...` : '');
}
