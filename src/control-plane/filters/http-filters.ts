/**
 * Models the HTTP filters that istiod puts into every connection manager, and their order.
 *
 * Spec: istio pilot/pkg/xds/filters/filters.go, pilot/pkg/networking/core/listener_builder.go.
 */
import { packAny } from '../../xds/resources/any.ts';
import type { AlpnFilterConfig } from '../../xds/resources/filters/istio-filters.ts';
import type { HttpFilter } from '../../xds/resources/http-connection-manager.ts';

const PACKAGE = 'envoy.extensions.filters.http';
const DISCOVERY = [{ istio_headers: {} }, { workload_discovery: {} }];

function peerMetadata(value: object): HttpFilter {
  return {
    name: 'istio.metadata_exchange',
    typed_config: packAny('udpa.type.v1.TypedStruct', {
      type_url: 'type.googleapis.com/io.istio.http.peer_metadata.Config',
      value,
    }),
  };
}

export const INBOUND_PEER_METADATA = peerMetadata({
  downstream_discovery: DISCOVERY,
  downstream_propagation: [{ istio_headers: {} }],
});

export const OUTBOUND_PEER_METADATA = peerMetadata({
  upstream_discovery: DISCOVERY,
  upstream_propagation: [{ istio_headers: {} }],
});

/** Outside services are not told who we are. */
export const OUTBOUND_PEER_METADATA_SKIPPING_EXTERNAL = peerMetadata({
  upstream_discovery: DISCOVERY,
  upstream_propagation: [{ istio_headers: { skip_external_clusters: true } }],
});

export const GRPC_WEB: HttpFilter = {
  name: 'envoy.filters.http.grpc_web',
  typed_config: packAny(`${PACKAGE}.grpc_web.v3.GrpcWeb`),
};

export const GRPC_STATS: HttpFilter = {
  name: 'envoy.filters.http.grpc_stats',
  typed_config: packAny(`${PACKAGE}.grpc_stats.v3.FilterConfig`, {
    emit_filter_state: true,
    stats_for_all_methods: false,
  }),
};

const ALPN_OVERRIDES: AlpnFilterConfig = {
  alpn_override: [
    { alpn_override: ['istio-http/1.0', 'istio', 'http/1.0'] },
    { upstream_protocol: 'HTTP11', alpn_override: ['istio-http/1.1', 'istio', 'http/1.1'] },
    { upstream_protocol: 'HTTP2', alpn_override: ['istio-h2', 'istio', 'h2'] },
  ],
};

/** Mutual TLS offers a protocol that only sidecars speak, so that servers know their own. */
export const ALPN: HttpFilter = {
  name: 'istio.alpn',
  typed_config: packAny(
    'istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig',
    ALPN_OVERRIDES,
  ),
};

export const FAULT: HttpFilter = {
  name: 'envoy.filters.http.fault',
  typed_config: packAny(`${PACKAGE}.fault.v3.HTTPFault`),
};

export const CORS: HttpFilter = {
  name: 'envoy.filters.http.cors',
  typed_config: packAny(`${PACKAGE}.cors.v3.Cors`),
};

export function routerFilter(suppressEnvoyHeaders: boolean): HttpFilter {
  return {
    name: 'envoy.filters.http.router',
    typed_config: packAny(`${PACKAGE}.router.v3.Router`, {
      ...(suppressEnvoyHeaders && { suppress_envoy_headers: true }),
    }),
  };
}
