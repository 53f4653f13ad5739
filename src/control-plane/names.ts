/**
 * Models the names under which istiod publishes clusters, listeners and statistics.
 *
 * Spec: istio pilot/pkg/model/{service,listener}.go, pilot/pkg/networking/util/util.go.
 */
export const BLACK_HOLE_CLUSTER = 'BlackHoleCluster';
export const PASSTHROUGH_CLUSTER = 'PassthroughCluster';
export const INBOUND_PASSTHROUGH_CLUSTER = 'InboundPassthroughCluster';
export const VIRTUAL_OUTBOUND = 'virtualOutbound';
export const VIRTUAL_INBOUND = 'virtualInbound';
export const VIRTUAL_INBOUND_CATCHALL_HTTP = 'virtualInbound-catchall-http';
export const WILDCARD_ADDRESS = '0.0.0.0';

/** "outbound|9080|v1|reviews.default.svc.cluster.local" */
export function outboundClusterName(subset: string, host: string, port: number): string {
  return `outbound|${port}|${subset}|${host}`;
}

/** "inbound|9080||" */
export function inboundClusterName(port: number): string {
  return `inbound|${port}||`;
}

/** "outbound_.9080_.v1_.reviews.default.svc.cluster.local": SNI, and clusters of SNI routing. */
export function sniClusterName(subset: string, host: string, port: number): string {
  return `outbound_.${port}_.${subset}_.${host}`;
}

/** "0.0.0.0_9080" */
export function listenerName(bind: string, port: number): string {
  return `${bind}_${port}`;
}

/** Envoy takes a trailing ";" as the end of the name in a statistic's prefix. */
export function delimited(statPrefix: string): string {
  return `${statPrefix};`;
}

export interface ClusterNameParts {
  readonly direction: string;
  readonly port: number;
  readonly subset: string;
  readonly host: string;
}

/** The parts of a cluster's name in either spelling; undefined when it is none of istiod's. */
export function parseClusterName(name: string): ClusterNameParts | undefined {
  const separator = name.includes('|') ? '|' : '_.';
  const [direction, port, subset, ...host] = name.split(separator);
  if (direction === undefined || port === undefined || subset === undefined || host.length === 0)
    return undefined;
  return { direction, port: Number(port), subset, host: host.join(separator) };
}
