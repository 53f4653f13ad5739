/**
 * Models the network filters istiod puts into chains.
 *
 * Spec: istio pilot/pkg/xds/filters/filters.go, pilot/pkg/networking/core/networkfilter.go.
 */
import { packAny } from '../../xds/resources/any.ts';
import type { Filter } from '../../xds/resources/filter-chain.ts';
import type { HttpConnectionManager } from '../../xds/resources/http-connection-manager.ts';
import type { TcpProxy } from '../../xds/resources/tcp-proxy.ts';

/** Peers tell each other who they are, in the first bytes of a TCP connection over mutual TLS. */
export const TCP_METADATA_EXCHANGE: Filter = {
  name: 'istio.metadata_exchange',
  typed_config: packAny('udpa.type.v1.TypedStruct', {
    type_url: 'type.googleapis.com/envoy.tcp.metadataexchange.config.MetadataExchange',
    value: { enable_discovery: true, protocol: 'istio-peer-exchange' },
  }),
};

export function tcpProxyFilter(config: TcpProxy): Filter {
  return {
    name: 'envoy.filters.network.tcp_proxy',
    typed_config: packAny('envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', config),
  };
}

export function httpConnectionManagerFilter(config: HttpConnectionManager): Filter {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: packAny(
      'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
      config,
    ),
  };
}
