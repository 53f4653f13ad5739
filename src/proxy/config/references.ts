/**
 * Models the checks across resources of a bootstrap: do static routes name static clusters?
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route.proto (validate_clusters)
 */
import { Message } from './message.ts';

const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** The first broken reference, in Envoy's words. */
export function checkReferences(bootstrap: object): string | undefined {
  const message = new Message(bootstrap);
  const resources = message.messageOrEmpty('static_resources');
  const known = new Set(resources.messages('clusters').map((cluster) => cluster.text('name')));
  for (const listener of resources.messages('listeners'))
    for (const chain of listener.messages('filter_chains'))
      for (const filter of chain.messages('filters')) {
        const typed = filter.any('typed_config');
        if (typed?.type !== MANAGER) continue;
        const error = checkRoutes(typed.message.message('route_config'), known);
        if (error !== undefined) return error;
      }
  const needsNode = resources
    .messages('clusters')
    .some((cluster) => cluster.has('eds_cluster_config'));
  const node = message.messageOrEmpty('node');
  if (needsNode && (node.text('id') === '' || node.text('cluster') === ''))
    return "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment: node 'id' and 'cluster' are required. Set it either in 'node' config or via --service-node and --service-cluster options.";
  return undefined;
}

/** Static route tables are checked unless they say otherwise. */
function checkRoutes(table: Message | undefined, known: ReadonlySet<string>): string | undefined {
  if (!table || table.boolean('validate_clusters') === false) return undefined;
  for (const host of table.messages('virtual_hosts'))
    for (const route of host.messages('routes')) {
      const action = route.message('route');
      if (!action) continue;
      const cluster = action.text('cluster');
      if (cluster !== '' && !known.has(cluster)) return `route: unknown cluster '${cluster}'`;
      for (const one of action.messageOrEmpty('weighted_clusters').messages('clusters')) {
        const name = one.text('name');
        if (name !== '' && !known.has(name)) return `route: unknown weighted cluster '${name}'`;
      }
      for (const mirror of action.messages('request_mirror_policies')) {
        const name = mirror.text('cluster');
        if (name !== '' && !known.has(name)) return `route: unknown shadow cluster '${name}'`;
      }
    }
  return undefined;
}
