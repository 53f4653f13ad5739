/**
 * Envoy's messages as far as an EnvoyFilter's patch is checked: their fields, and known extensions.
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/api
 */
import type { EnvoyFilterApplyTo } from '../kinds/envoy-filter.ts';

export interface EnvoyMessage {
  readonly name: string;
  readonly fields: ReadonlySet<string>;
  readonly durations: readonly string[];
}

function message(name: string, fields: string, durations = ''): EnvoyMessage {
  const times = durations.split(/\s+/).filter(Boolean);
  return {
    name,
    fields: new Set([...fields.split(/\s+/).filter(Boolean), ...times]),
    durations: times,
  };
}

const FILTER_FIELDS = 'name typed_config config_discovery';

/** What a patch of each kind is about. */
export const PATCHED_MESSAGES: Readonly<Partial<Record<EnvoyFilterApplyTo, EnvoyMessage>>> = {
  CLUSTER: message(
    'envoy.config.cluster.v3.Cluster',
    `transport_socket_matches name alt_stat_name type cluster_type eds_cluster_config
    per_connection_buffer_limit_bytes lb_policy load_assignment health_checks
    max_requests_per_connection circuit_breakers upstream_http_protocol_options
    common_http_protocol_options http_protocol_options http2_protocol_options
    typed_extension_protocol_options dns_jitter dns_failure_refresh_rate respect_dns_ttl
    dns_lookup_family dns_resolvers use_tcp_for_dns_lookups dns_resolution_config
    typed_dns_resolver_config wait_for_warm_on_init outlier_detection
    upstream_bind_config lb_subset_config ring_hash_lb_config maglev_lb_config
    original_dst_lb_config least_request_lb_config round_robin_lb_config common_lb_config
    transport_socket metadata protocol_selection upstream_connection_options
    close_connections_on_host_health_failure ignore_health_on_host_removal filters
    load_balancing_policy lrs_server lrs_report_endpoint_metrics track_timeout_budgets
    upstream_config track_cluster_stats preconnect_policy
    connection_pool_per_downstream_connection transport_socket_matcher`,
    'connect_timeout dns_refresh_rate cleanup_interval',
  ),
  LISTENER: message(
    'envoy.config.listener.v3.Listener',
    `name address additional_addresses stat_prefix filter_chains filter_chain_matcher
    use_original_dst default_filter_chain per_connection_buffer_limit_bytes metadata
    deprecated_v1 drain_type listener_filters
    continue_on_listener_filters_timeout transparent freebind socket_options
    tcp_fast_open_queue_length traffic_direction udp_listener_config api_listener
    connection_balance_config reuse_port enable_reuse_port access_log tcp_backlog_size
    max_connections_to_accept_per_socket_event bind_to_port internal_listener enable_mptcp
    ignore_global_conn_limit bypass_overload_manager fcds_config`,
    'listener_filters_timeout',
  ),
  FILTER_CHAIN: message(
    'envoy.config.listener.v3.FilterChain',
    `filter_chain_match filters use_proxy_proto metadata transport_socket name
    on_demand_configuration`,
    'transport_socket_connect_timeout',
  ),
  NETWORK_FILTER: message('envoy.config.listener.v3.Filter', FILTER_FIELDS),
  LISTENER_FILTER: message(
    'envoy.config.listener.v3.ListenerFilter',
    `${FILTER_FIELDS} filter_disabled`,
  ),
  HTTP_FILTER: message(
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter',
    `${FILTER_FIELDS} is_optional disabled`,
  ),
  EXTENSION_CONFIG: message('envoy.config.core.v3.TypedExtensionConfig', 'name typed_config'),
  ROUTE_CONFIGURATION: message(
    'envoy.config.route.v3.RouteConfiguration',
    `name virtual_hosts vhds internal_only_headers response_headers_to_add
    response_headers_to_remove request_headers_to_add request_headers_to_remove
    most_specific_header_mutations_wins validate_clusters max_direct_response_body_size_bytes
    cluster_specifier_plugins request_mirror_policies ignore_port_in_host_matching
    ignore_path_parameters_in_path_matching typed_per_filter_config metadata`,
  ),
  VIRTUAL_HOST: message(
    'envoy.config.route.v3.VirtualHost',
    `name domains routes matcher require_tls virtual_clusters rate_limits
    request_headers_to_add request_headers_to_remove response_headers_to_add
    response_headers_to_remove cors typed_per_filter_config include_request_attempt_count
    include_attempt_count_in_response retry_policy retry_policy_typed_config hedge_policy
    include_is_timeout_retry_header per_request_buffer_limit_bytes request_body_buffer_limit
    request_mirror_policies metadata`,
  ),
  HTTP_ROUTE: message(
    'envoy.config.route.v3.Route',
    `name match route redirect direct_response filter_action non_forwarding_action metadata
    decorator typed_per_filter_config request_headers_to_add request_headers_to_remove
    response_headers_to_add response_headers_to_remove tracing per_request_buffer_limit_bytes
    request_body_buffer_limit stat_prefix`,
  ),
};

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean));

/** `envoy.extensions.filters.KIND.NAME.v3…` that Envoy has. */
const FILTERS: Readonly<Record<string, ReadonlySet<string>>> = {
  http: words(`adaptive_concurrency admission_control alternate_protocols_cache api_key_auth
    aws_lambda aws_request_signing bandwidth_limit basic_auth buffer cache cache_v2 cdn_loop
    checksum composite compressor connect_grpc_bridge cors credential_injector csrf
    custom_response decompressor dynamic_forward_proxy dynamic_modules ext_authz ext_proc fault
    file_system_buffer gcp_authn geoip golang grpc_field_extraction grpc_http1_bridge
    grpc_http1_reverse_bridge grpc_json_reverse_transcoder grpc_json_transcoder grpc_stats
    grpc_web gzip header_mutation header_to_metadata health_check http_cache_v2 ip_tagging
    json_to_metadata jwt_authn kill_request language local_ratelimit lua match_delegate mcp
    oauth2 on_demand original_src proto_api_scrubber proto_message_extraction rate_limit_quota
    ratelimit rbac router set_filter_state set_metadata squash stateful_session sxg tap
    thrift_to_metadata transform upstream_codec wasm`),
  network: words(`client_ssl_auth connection_limit direct_response dubbo_proxy
    dynamic_modules echo ext_authz ext_proc generic_proxy geoip golang
    http_connection_manager kafka_broker kafka_mesh local_ratelimit match_delegate meta_protocol_proxy
    mongo_proxy mysql_proxy postgres_inspector postgres_proxy ratelimit rbac redis_proxy
    reverse_tunnel rocketmq_proxy set_filter_state sip_proxy sni_cluster
    sni_dynamic_forward_proxy tcp_proxy thrift_proxy wasm zookeeper_proxy`),
  listener: words(`dynamic_modules http_inspector local_ratelimit original_dst original_src
    proxy_protocol set_filter_state tls_inspector`),
  udp: words('dns_filter dynamic_modules udp_proxy'),
};

/** Whether istiod can resolve the type of an Any. */
export function knownExtension(typeUrl: string): boolean {
  const type = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
  if (/^(google\.protobuf|xds|udpa|stats|istio)\./.test(type)) return true;
  if (!type.startsWith('envoy.') || type.includes('.v2.')) return false;
  const filter = /^envoy\.extensions\.filters\.([a-z_]+)\.([a-z_0-9]+)\./.exec(type);
  if (filter) return FILTERS[filter[1] ?? '']?.has(filter[2] ?? '') ?? true;
  return /\.v3(alpha)?\./.test(type) || /\.v[1-4]alpha\./.test(type) || type.includes('.v3.');
}
