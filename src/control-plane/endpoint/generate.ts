/**
 * Models EDS: the endpoints behind each cluster a proxy subscribed to.
 *
 * Spec: istio pilot/pkg/xds/eds.go, pilot/pkg/xds/endpoints/endpoint_builder.go.
 */
import type { ClusterLoadAssignment } from '../../xds/resources/cluster-load-assignment.ts';
import { applyLocality, localitySetting } from '../cluster/locality.ts';
import { subsetPolicy } from '../cluster/traffic-policy.ts';
import { parseClusterName } from '../names.ts';
import type { Proxy } from '../proxy.ts';
import { servicePort } from '../registry/service.ts';
import { localityGroups } from './lb-endpoints.ts';

export function loadAssignment(proxy: Proxy, clusterName: string): ClusterLoadAssignment {
  const parts = parseClusterName(clusterName);
  const service = parts && proxy.scope.service(parts.host);
  if (!parts || !service || !servicePort(service, parts.port)) return { cluster_name: clusterName };
  const { port, subset } = parts;
  const isSni = clusterName.startsWith('outbound_.');
  const rule = proxy.scope.destinationRule(service.host, proxy.labels);
  const groups = localityGroups({ proxy, service, port, subset, rule, mtlsOnly: isSni });
  if (groups.length === 0) return { cluster_name: clusterName };
  const own = rule?.spec.subsets?.find(({ name }) => name === subset)?.trafficPolicy;
  const policy = subsetPolicy(rule?.spec.trafficPolicy, own, port);
  const { setting, isForced } = localitySetting(
    proxy.push.mesh.localityLbSetting,
    policy?.loadBalancer?.localityLbSetting,
    service,
  );
  const hasFailover = isForced || policy?.outlierDetection !== undefined;
  return {
    cluster_name: clusterName,
    endpoints: applyLocality(groups, setting, hasFailover, proxy),
  };
}
