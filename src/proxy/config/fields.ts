/**
 * The fields of the messages a bootstrap is made of: `name:type`, one message a paragraph.
 *
 * Types: s text, b boolean, u unsigned 32 bit, n other number, d duration, @ Any, * anything, the
 * name of an enum (E…) or of a message. "[]" a list, "{}" a map. Fields of a oneof share a letter
 * after "/". Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/api
 */
const FIELDS: Readonly<Record<string, string>> = {
  'envoy.config.bootstrap.v3.Bootstrap':
    'node:* node_context_params:s[] static_resources:envoy.config.bootstrap.v3.Bootstrap.StaticResources dynamic_resources:* cluster_manager:* hds_config:* flags_path:s stats_sinks:*[] stats_config:* stats_flush_interval:d stats_flush_on_admin:b watchdog:* watchdogs:* tracing:* layered_runtime:* admin:* overload_manager:* enable_dispatcher_stats:b header_prefix:s stats_server_version_override:n use_tcp_for_dns_lookups:b dns_resolution_config:* typed_dns_resolver_config:* bootstrap_extensions:*[] fatal_actions:*[] config_sources:*[] default_config_source:* default_socket_interface:s certificate_provider_instances:* inline_headers:*[] perf_tracing_file_path:s default_regex_engine:* xds_delegate_extension:* xds_config_tracker_extension:* listener_manager:* application_log_config:* grpc_async_client_manager_config:* memory_allocator_manager:* stats_eviction_interval:d deferred_stat_options:*',
  'envoy.config.bootstrap.v3.Bootstrap.StaticResources':
    'listeners:envoy.config.listener.v3.Listener[] clusters:envoy.config.cluster.v3.Cluster[] secrets:*[]',
  'envoy.config.core.v3.Address':
    'socket_address:envoy.config.core.v3.SocketAddress/a pipe:*/a envoy_internal_address:*/a',
  'envoy.config.core.v3.SocketAddress':
    'protocol:* address:s port_value:u/p named_port:s/p resolver_name:s ipv4_compat:b network_namespace_filepath:s',
  'envoy.config.listener.v3.Listener':
    'name:s address:envoy.config.core.v3.Address additional_addresses:*[] stat_prefix:s filter_chains:envoy.config.listener.v3.FilterChain[] filter_chain_matcher:* use_original_dst:b default_filter_chain:envoy.config.listener.v3.FilterChain per_connection_buffer_limit_bytes:u metadata:* deprecated_v1:* drain_type:* listener_filters:*[] listener_filters_timeout:d continue_on_listener_filters_timeout:b transparent:b freebind:b socket_options:*[] tcp_fast_open_queue_length:u traffic_direction:* udp_listener_config:* api_listener:* connection_balance_config:* reuse_port:b enable_reuse_port:b access_log:*[] tcp_backlog_size:u max_connections_to_accept_per_socket_event:u bind_to_port:b internal_listener:* enable_mptcp:b ignore_global_conn_limit:b bypass_overload_manager:b fcds_config:* tcp_keepalive:*',
  'envoy.config.listener.v3.FilterChain':
    'filter_chain_match:envoy.config.listener.v3.FilterChainMatch filters:envoy.config.listener.v3.Filter[] use_proxy_proto:b metadata:* transport_socket:* transport_socket_connect_timeout:d name:s on_demand_configuration:*',
  'envoy.config.listener.v3.FilterChainMatch':
    'destination_port:u prefix_ranges:*[] address_suffix:s suffix_len:u direct_source_prefix_ranges:*[] source_type:* source_prefix_ranges:*[] source_ports:u[] server_names:s[] transport_protocol:s application_protocols:s[]',
  'envoy.config.listener.v3.Filter': 'name:s typed_config:@/c config_discovery:*/c',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager':
    'codec_type:* stat_prefix:s rds:*/r route_config:envoy.config.route.v3.RouteConfiguration/r scoped_routes:*/r http_filters:envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter[] add_user_agent:b tracing:* common_http_protocol_options:* http1_safe_max_connection_duration:b http_protocol_options:* http2_protocol_options:* http3_protocol_options:* server_name:s server_header_transformation:* scheme_header_transformation:* max_request_headers_kb:u stream_idle_timeout:d stream_flush_timeout:d request_timeout:d request_headers_timeout:d drain_timeout:d delayed_close_timeout:d access_log:*[] access_log_flush_interval:d flush_access_log_on_new_request:b access_log_options:* use_remote_address:b xff_num_trusted_hops:u original_ip_detection_extensions:*[] early_header_mutation_extensions:*[] internal_address_config:* skip_xff_append:b via:s generate_request_id:b preserve_external_request_id:b always_set_request_id_in_response:b forward_client_cert_details:* set_current_client_cert_details:* proxy_100_continue:b represent_ipv4_remote_address_as_ipv4_mapped_ipv6:b upgrade_configs:*[] normalize_path:b merge_slashes:b path_with_escaped_slashes_action:* request_id_extension:* local_reply_config:* strip_matching_host_port:b strip_any_host_port:b stream_error_on_invalid_http_message:b path_normalization_options:* strip_trailing_host_dot:b proxy_status_config:* typed_header_validation_config:* append_x_forwarded_port:b append_local_overload:b add_proxy_protocol_connection_state:b forward_client_cert_matcher:* forward_proto_config:*',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter':
    'name:s typed_config:@/c config_discovery:*/c is_optional:b disabled:b',
  'envoy.config.route.v3.RouteConfiguration':
    'name:s virtual_hosts:envoy.config.route.v3.VirtualHost[] vhds:* internal_only_headers:s[] response_headers_to_add:*[] response_headers_to_remove:s[] request_headers_to_add:*[] request_headers_to_remove:s[] most_specific_header_mutations_wins:b validate_clusters:b max_direct_response_body_size_bytes:u cluster_specifier_plugins:*[] request_mirror_policies:*[] ignore_port_in_host_matching:b ignore_path_parameters_in_path_matching:b vhost_header:s typed_per_filter_config:* metadata:*',
  'envoy.config.route.v3.VirtualHost':
    'name:s domains:s[] routes:envoy.config.route.v3.Route[] matcher:* require_tls:* virtual_clusters:*[] rate_limits:*[] request_headers_to_add:*[] request_headers_to_remove:s[] response_headers_to_add:*[] response_headers_to_remove:s[] cors:* typed_per_filter_config:* include_request_attempt_count:b include_attempt_count_in_response:b retry_policy:envoy.config.route.v3.RetryPolicy retry_policy_typed_config:* hedge_policy:* include_is_timeout_retry_header:b per_request_buffer_limit_bytes:u request_body_buffer_limit:n request_mirror_policies:*[] metadata:*',
  'envoy.config.route.v3.Route':
    'name:s match:envoy.config.route.v3.RouteMatch route:envoy.config.route.v3.RouteAction/a redirect:*/a direct_response:envoy.config.route.v3.DirectResponseAction/a filter_action:*/a non_forwarding_action:*/a metadata:* decorator:* typed_per_filter_config:* request_headers_to_add:*[] request_headers_to_remove:s[] response_headers_to_add:*[] response_headers_to_remove:s[] tracing:* per_request_buffer_limit_bytes:u request_body_buffer_limit:n stat_prefix:s',
  'envoy.config.route.v3.RouteMatch':
    'prefix:s/p path:s/p safe_regex:envoy.type.matcher.v3.RegexMatcher/p connect_matcher:*/p path_separated_prefix:s/p path_match_policy:*/p case_sensitive:b runtime_fraction:* headers:*[] query_parameters:*[] cookies:*[] grpc:* tls_context:* dynamic_metadata:*[] filter_state:*[]',
  'envoy.config.route.v3.RouteAction':
    'cluster:s/c cluster_header:s/c weighted_clusters:*/c cluster_specifier_plugin:s/c inline_cluster_specifier_plugin:*/c cluster_not_found_response_code:* metadata_match:* prefix_rewrite:s regex_rewrite:envoy.type.matcher.v3.RegexMatchAndSubstitute path_rewrite_policy:* path_rewrite:s host_rewrite_literal:s/h auto_host_rewrite:b/h host_rewrite_header:s/h host_rewrite_path_regex:envoy.type.matcher.v3.RegexMatchAndSubstitute/h host_rewrite:s/h append_x_forwarded_host:b timeout:d idle_timeout:d flush_timeout:d early_data_policy:* retry_policy:envoy.config.route.v3.RetryPolicy retry_policy_typed_config:* request_mirror_policies:*[] priority:* rate_limits:*[] include_vh_rate_limits:b hash_policy:*[] cors:* max_grpc_timeout:d grpc_timeout_offset:d upgrade_configs:*[] internal_redirect_policy:* internal_redirect_action:* max_internal_redirects:u hedge_policy:* max_stream_duration:*',
  'envoy.config.route.v3.DirectResponseAction': 'status:u body:* body_format:*',
  'envoy.config.route.v3.RetryPolicy':
    'retry_on:s num_retries:u per_try_timeout:d per_try_idle_timeout:d retry_priority:* retry_host_predicate:*[] retry_options_predicates:*[] host_selection_retry_max_attempts:n retriable_status_codes:u[] retry_back_off:envoy.config.route.v3.RetryPolicy.RetryBackOff rate_limited_retry_back_off:* retriable_headers:*[] retriable_request_headers:*[]',
  'envoy.config.route.v3.RetryPolicy.RetryBackOff': 'base_interval:d max_interval:d',
  'envoy.type.matcher.v3.RegexMatcher': 'google_re2:* regex:s',
  'envoy.type.matcher.v3.RegexMatchAndSubstitute':
    'pattern:envoy.type.matcher.v3.RegexMatcher substitution:s',
  'envoy.config.cluster.v3.Cluster':
    'transport_socket_matches:*[] transport_socket_matcher:* name:s alt_stat_name:s type:EDiscoveryType/t cluster_type:*/t eds_cluster_config:* connect_timeout:d per_connection_buffer_limit_bytes:u lb_policy:ELbPolicy load_assignment:envoy.config.endpoint.v3.ClusterLoadAssignment health_checks:envoy.config.core.v3.HealthCheck[] max_requests_per_connection:u circuit_breakers:envoy.config.cluster.v3.CircuitBreakers upstream_http_protocol_options:* common_http_protocol_options:* http_protocol_options:* http2_protocol_options:* typed_extension_protocol_options:* dns_refresh_rate:d dns_jitter:d dns_failure_refresh_rate:* respect_dns_ttl:b dns_lookup_family:* dns_resolvers:*[] use_tcp_for_dns_lookups:b dns_resolution_config:* typed_dns_resolver_config:* wait_for_warm_on_init:b outlier_detection:envoy.config.cluster.v3.OutlierDetection cleanup_interval:d upstream_bind_config:* lb_subset_config:* ring_hash_lb_config:*/l maglev_lb_config:*/l original_dst_lb_config:*/l least_request_lb_config:*/l round_robin_lb_config:*/l common_lb_config:* transport_socket:* metadata:* protocol_selection:* upstream_connection_options:* close_connections_on_host_health_failure:b ignore_health_on_host_removal:b filters:*[] load_balancing_policy:* lrs_server:* lrs_report_endpoint_metrics:s[] track_timeout_budgets:b upstream_config:* track_cluster_stats:* preconnect_policy:* connection_pool_per_downstream_connection:b',
  'envoy.config.cluster.v3.CircuitBreakers':
    'thresholds:envoy.config.cluster.v3.CircuitBreakers.Thresholds[] per_host_thresholds:envoy.config.cluster.v3.CircuitBreakers.Thresholds[]',
  'envoy.config.cluster.v3.CircuitBreakers.Thresholds':
    'priority:* max_connections:u max_pending_requests:u max_requests:u max_retries:u retry_budget:* track_remaining:b max_connection_pools:u',
  'envoy.config.cluster.v3.OutlierDetection':
    'consecutive_5xx:u interval:d base_ejection_time:d max_ejection_percent:u enforcing_consecutive_5xx:u enforcing_success_rate:u success_rate_minimum_hosts:u success_rate_request_volume:u success_rate_stdev_factor:u consecutive_gateway_failure:u enforcing_consecutive_gateway_failure:u split_external_local_origin_errors:b consecutive_local_origin_failure:u enforcing_consecutive_local_origin_failure:u enforcing_local_origin_success_rate:u failure_percentage_threshold:u enforcing_failure_percentage:u enforcing_failure_percentage_local_origin:u failure_percentage_minimum_hosts:u failure_percentage_request_volume:u max_ejection_time:d max_ejection_time_jitter:d successful_active_health_check_uneject_host:b monitors:*[] always_eject_one_host:b detect_degraded_hosts:b',
  'envoy.config.core.v3.HealthCheck':
    'timeout:d interval:d initial_jitter:d interval_jitter:d interval_jitter_percent:u unhealthy_threshold:u healthy_threshold:u alt_port:u reuse_connection:b http_health_check:*/h tcp_health_check:*/h grpc_health_check:*/h custom_health_check:*/h no_traffic_interval:d no_traffic_healthy_interval:d unhealthy_interval:d unhealthy_edge_interval:d healthy_edge_interval:d event_log_path:s event_logger:*[] event_service:* always_log_health_check_failures:b always_log_health_check_success:b tls_options:* transport_socket_match_criteria:*',
  'envoy.config.endpoint.v3.ClusterLoadAssignment':
    'cluster_name:s endpoints:envoy.config.endpoint.v3.LocalityLbEndpoints[] named_endpoints:* policy:*',
  'envoy.config.endpoint.v3.LocalityLbEndpoints':
    'locality:* metadata:* lb_endpoints:envoy.config.endpoint.v3.LbEndpoint[] load_balancer_endpoints:* leds_cluster_locality_config:* load_balancing_weight:u priority:u proximity:u',
  'envoy.config.endpoint.v3.LbEndpoint':
    'endpoint:envoy.config.endpoint.v3.Endpoint/e endpoint_name:s/e health_status:* metadata:* load_balancing_weight:u',
  'envoy.config.endpoint.v3.Endpoint':
    'address:envoy.config.core.v3.Address health_check_config:* hostname:s additional_addresses:*[]',
  'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy':
    'stat_prefix:s cluster:s/c weighted_clusters:*/c metadata_match:* idle_timeout:d downstream_idle_timeout:d upstream_idle_timeout:d access_log:*[] max_connect_attempts:u backoff_options:* hash_policy:*[] tunneling_config:* max_downstream_connection_duration:d max_downstream_connection_duration_jitter_percentage:* access_log_flush_interval:d flush_access_log_on_connected:b access_log_options:* on_demand:* proxy_protocol_tlvs:*[] upstream_connect_mode:* max_early_data_bytes:u',
  'envoy.extensions.filters.http.router.v3.Router':
    'dynamic_stats:b start_child_span:b upstream_log:*[] upstream_log_options:* suppress_envoy_headers:b strict_check_headers:s[] respect_expected_rq_timeout:b suppress_grpc_request_failure_code_stats:b upstream_http_filters:*[] reject_connect_request_early_data:b',
};

/** Values of the enums that are looked at. */
export const ENUMS: Readonly<Record<string, readonly string[]>> = {
  EDiscoveryType: ['STATIC', 'STRICT_DNS', 'LOGICAL_DNS', 'EDS', 'ORIGINAL_DST'],
  ELbPolicy: [
    'ROUND_ROBIN',
    'LEAST_REQUEST',
    'RING_HASH',
    'RANDOM',
    'MAGLEV',
    'CLUSTER_PROVIDED',
    'LOAD_BALANCING_POLICY_CONFIG',
  ],
};

export interface FieldType {
  readonly type: string;
  readonly isList: boolean;
  /** The letter of its oneof, or "". */
  readonly oneof: string;
}

const parsed = new Map<string, ReadonlyMap<string, FieldType>>();

/** The fields of a message by name; undefined for one whose fields are not known here. */
export function fieldsOf(message: string): ReadonlyMap<string, FieldType> | undefined {
  const text = FIELDS[message];
  if (text === undefined) return undefined;
  let known = parsed.get(message);
  if (!known) parsed.set(message, (known = parse(text)));
  return known;
}

function parse(text: string): ReadonlyMap<string, FieldType> {
  return new Map(
    text.split(' ').map((entry) => {
      const [, name = '', type = '', list, oneof = ''] =
        /^(\w+):([\w.@*]+?)(\[\])?(?:\/(\w))?$/.exec(entry) ?? [];
      return [name, { type, isList: list !== undefined, oneof }];
    }),
  );
}
