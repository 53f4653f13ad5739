/** Models what a discovery response carries: one resource of one of the five types. */
import type { XdsType } from '../type-url.ts';
import type { ClusterLoadAssignment } from './cluster-load-assignment.ts';
import type { Cluster } from './cluster.ts';
import type { Listener } from './listener.ts';
import type { RouteConfiguration } from './route-configuration.ts';
import type { Secret } from './secret.ts';

export interface ResourceByType {
  CDS: Cluster;
  EDS: ClusterLoadAssignment;
  LDS: Listener;
  RDS: RouteConfiguration;
  SDS: Secret;
}

export type Resource<T extends XdsType = XdsType> = ResourceByType[T];

/** The name under which a resource is subscribed to. */
export function resourceName(resource: Resource): string {
  if ('cluster_name' in resource) return resource.cluster_name;
  return resource.name ?? '';
}
