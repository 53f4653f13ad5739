/** Models which load balancer a cluster gets: by its discovery first, then by its policy. */
import { Aggregate } from '../load-balancing/aggregate.ts';
import type { LoadBalancer } from '../load-balancing/load-balancer.ts';
import { OriginalDst, originalDstOptions } from '../load-balancing/original-dst.ts';
import { createLoadBalancer, zoneAwareOptions } from '../load-balancing/policy.ts';
import type { Cluster, ClusterSurroundings } from './cluster.ts';
import { HostsOnDemand } from './membership.ts';
import { messageOrEmpty } from './proto-json.ts';

export function clusterLoadBalancer(
  cluster: Cluster,
  surroundings: ClusterSurroundings,
): LoadBalancer {
  const { config, membership, stats } = cluster;
  const { simulation, random, clusterNamed, localCluster } = surroundings;
  const count = (statistic: string, by = 1) => cluster.count(statistic, by);
  if (config.discovery === 'ORIGINAL_DST') {
    const options = originalDstOptions(config.resource);
    const hosts = new HostsOnDemand(simulation, membership, options.cleanUpUs);
    return new OriginalDst(hosts, options, count);
  }
  if (config.discovery === 'AGGREGATE') {
    const members = () =>
      config.aggregated.map(clusterNamed).filter((member) => member !== undefined);
    return new Aggregate(members, random, config.panicThreshold);
  }
  const localHosts = () => localCluster?.()?.membership.priorities;
  const zones = messageOrEmpty(
    messageOrEmpty(config.resource['common_lb_config'])['zone_aware_lb_config'],
  );
  return createLoadBalancer(config.resource, {
    hosts: membership.priorities,
    random,
    clock: simulation,
    panicThreshold: config.panicThreshold,
    failTrafficOnPanic: config.failTrafficOnPanic,
    localityWeighted: config.isLocalityWeighted,
    zoneAware: localCluster && zoneAwareOptions(zones, localHosts),
    localHosts,
    activeRequests: () => stats.rqActive.value,
    count,
    setGauge: (name, value) => stats.gauge(name).set(value),
  });
}
