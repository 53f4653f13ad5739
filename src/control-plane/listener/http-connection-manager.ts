/**
 * Models the HTTP connection manager that istiod writes for any listener.
 *
 * Spec: istio pilot/pkg/networking/core/listener_builder.go, buildHTTPConnectionManager.
 */
import type { Protocol } from '../../istio/protocol.ts';
import type { MeshConfig } from '../../istio/kinds/mesh-config.ts';
import { packAny } from '../../xds/resources/any.ts';
import type {
  HttpConnectionManager,
  HttpFilter,
} from '../../xds/resources/http-connection-manager.ts';
import type { RouteConfiguration } from '../../xds/resources/route-configuration.ts';
import { jwtFilters } from '../authn/jwt-filter.ts';
import { customAuthorizationFilters, authorizationFilters } from '../authz/http-filters.ts';
import {
  ALPN,
  CORS,
  FAULT,
  GRPC_STATS,
  GRPC_WEB,
  INBOUND_PEER_METADATA,
  OUTBOUND_PEER_METADATA,
  OUTBOUND_PEER_METADATA_SKIPPING_EXTERNAL,
  routerFilter,
} from '../filters/http-filters.ts';
import { adsConfigSource } from '../filters/config-source.ts';
import { ExtensionFilters } from '../filters/traffic-extensions.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';
import type { ProxyHeaderOptions } from './proxy-headers.ts';
import { accessLogs } from '../telemetry/access-log.ts';
import { statsFilters } from '../telemetry/stats.ts';
import { tracingOf } from '../telemetry/tracing.ts';

export interface HttpOptions {
  readonly listenerClass: ListenerClass;
  readonly protocol: Protocol;
  readonly port: number;
  readonly statPrefix: string;
  /** The name of a route configuration to ask for, … */
  readonly rds?: string;
  /** … or the routes themselves. */
  readonly routeConfig?: RouteConfiguration;
  readonly useRemoteAddress?: boolean;
  readonly headers: ProxyHeaderOptions;
  /** What this kind of listener sets besides. */
  readonly own?: Partial<HttpConnectionManager>;
}

export function buildHttpConnectionManager(
  proxy: Proxy,
  options: HttpOptions,
): HttpConnectionManager {
  const { mesh } = proxy.push;
  const { headers } = options;
  const tracing = tracingOf(proxy, options.listenerClass);
  const logs = accessLogs(proxy, options.listenerClass, 'http');
  return {
    stat_prefix: options.statPrefix,
    ...routes(options),
    http_filters: httpFilters(proxy, options),
    ...(tracing.tracing && { tracing: tracing.tracing }),
    ...(headers.serverName && { server_name: headers.serverName }),
    ...(headers.serverHeaderTransformation && {
      server_header_transformation: headers.serverHeaderTransformation,
    }),
    ...(headers.generateRequestId === false && { generate_request_id: false }),
    ...(logs.length > 0 && { access_log: logs }),
    use_remote_address: options.useRemoteAddress ?? false,
    proxy_100_continue: true,
    stream_idle_timeout: '0s',
    upgrade_configs: [{ upgrade_type: 'websocket' }],
    request_id_extension: {
      typed_config: packAny('envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig', {
        use_request_id_for_trace_sampling: tracing.useRequestIdForSampling,
      }),
    },
    ...pathNormalization(mesh),
    ...options.own,
  };
}

function routes({ rds, routeConfig }: HttpOptions): Partial<HttpConnectionManager> {
  if (rds === undefined) return routeConfig ? { route_config: routeConfig } : {};
  return { rds: { config_source: adsConfigSource(), route_config_name: rds } };
}

function httpFilters(proxy: Proxy, options: HttpOptions): HttpFilter[] {
  const { listenerClass, port } = options;
  const extensions = new ExtensionFilters(proxy, listenerClass, port, 'HTTP');
  return [
    peerMetadata(options),
    ...customAuthorizationFilters(proxy, listenerClass),
    ...extensions.http('AUTHN'),
    ...jwtFilters(proxy, listenerClass),
    ...extensions.http('AUTHZ'),
    ...authorizationFilters(proxy, listenerClass),
    ...extensions.http('STATS'),
    ...extensions.http('UNSPECIFIED_PHASE'),
    ...(options.protocol === 'GRPC-Web' ? [GRPC_WEB] : []),
    GRPC_STATS,
    ...(listenerClass === 'inbound' ? [] : [ALPN]),
    FAULT,
    CORS,
    ...statsFilters(proxy, listenerClass),
    routerFilter(options.headers.suppressDebugHeaders ?? false),
  ];
}

function peerMetadata({ listenerClass, headers }: HttpOptions): HttpFilter {
  if (listenerClass === 'inbound') return INBOUND_PEER_METADATA;
  return headers.skipMetadataExchangeHeaders
    ? OUTBOUND_PEER_METADATA_SKIPPING_EXTERNAL
    : OUTBOUND_PEER_METADATA;
}

function pathNormalization(mesh: MeshConfig): Partial<HttpConnectionManager> {
  switch (mesh.pathNormalization?.normalization) {
    case 'NONE':
      return { normalize_path: false, path_with_escaped_slashes_action: 'KEEP_UNCHANGED' };
    case 'MERGE_SLASHES':
      return {
        normalize_path: true,
        merge_slashes: true,
        path_with_escaped_slashes_action: 'KEEP_UNCHANGED',
      };
    case 'DECODE_AND_MERGE_SLASHES':
      return {
        normalize_path: true,
        merge_slashes: true,
        path_with_escaped_slashes_action: 'UNESCAPE_AND_FORWARD',
      };
    default:
      return { normalize_path: true, path_with_escaped_slashes_action: 'KEEP_UNCHANGED' };
  }
}
