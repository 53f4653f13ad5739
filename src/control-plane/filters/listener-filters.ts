/** Models the listener filters istiod uses. Spec: istio pilot/pkg/xds/filters/filters.go. */
import { packAny } from '../../xds/resources/any.ts';
import type { ListenerFilter } from '../../xds/resources/filter-chain.ts';

const PACKAGE = 'envoy.extensions.filters.listener';

export const ORIGINAL_DESTINATION: ListenerFilter = {
  name: 'envoy.filters.listener.original_dst',
  typed_config: packAny(`${PACKAGE}.original_dst.v3.OriginalDst`),
};

export const TLS_INSPECTOR: ListenerFilter = {
  name: 'envoy.filters.listener.tls_inspector',
  typed_config: packAny(`${PACKAGE}.tls_inspector.v3.TlsInspector`, {
    initial_read_buffer_size: 512,
  }),
};

export const HTTP_INSPECTOR: ListenerFilter = {
  name: 'envoy.filters.listener.http_inspector',
  typed_config: packAny(`${PACKAGE}.http_inspector.v3.HttpInspector`),
};

export const PROXY_PROTOCOL: ListenerFilter = {
  name: 'envoy.filters.listener.proxy_protocol',
  typed_config: packAny(`${PACKAGE}.proxy_protocol.v3.ProxyProtocol`),
};
