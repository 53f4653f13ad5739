/**
 * Models the five resource types of the aggregated discovery service and their type URLs.
 *
 * Spec: envoy docs, api-docs/xds_protocol, "Resource Types".
 */

export type XdsType = 'CDS' | 'EDS' | 'LDS' | 'RDS' | 'SDS';

/** In the order in which a server sends them: make before break. */
export const XDS_TYPES: readonly XdsType[] = ['CDS', 'EDS', 'LDS', 'RDS', 'SDS'];

const PREFIX = 'type.googleapis.com/';

export const TYPE_URLS: Readonly<Record<XdsType, string>> = {
  CDS: `${PREFIX}envoy.config.cluster.v3.Cluster`,
  EDS: `${PREFIX}envoy.config.endpoint.v3.ClusterLoadAssignment`,
  LDS: `${PREFIX}envoy.config.listener.v3.Listener`,
  RDS: `${PREFIX}envoy.config.route.v3.RouteConfiguration`,
  SDS: `${PREFIX}envoy.extensions.transport_sockets.tls.v3.Secret`,
};

/** The type that a URL names; undefined for one that ADS here does not carry. */
export function xdsTypeOf(typeUrl: string): XdsType | undefined {
  return XDS_TYPES.find((type) => TYPE_URLS[type] === typeUrl);
}

/** Types whose subscription is "everything" (the legacy wildcard): the answer is the full set. */
export function isWildcard(type: XdsType): boolean {
  return type === 'CDS' || type === 'LDS';
}
