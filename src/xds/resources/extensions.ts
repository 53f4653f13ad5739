/**
 * Models the small extension messages that routes, listeners and retry policies plug in.
 *
 * Spec: envoy extensions/{path,retry,request_id,http/original_ip_detection,filters/listener}.
 */

/** "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig" */
export interface UriTemplateMatchConfig {
  path_template: string;
}

/** "envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig" */
export interface UriTemplateRewriteConfig {
  path_template_rewrite: string;
}

/** "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig" */
export interface PreviousPrioritiesConfig {
  update_frequency: number;
}

/** "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig" */
export interface UuidRequestIdConfig {
  pack_trace_reason?: boolean;
  use_request_id_for_trace_sampling?: boolean;
}

/** "envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig" */
export interface CustomHeaderConfig {
  header_name: string;
  allow_extension_to_set_address_as_trusted?: boolean;
  reject_with_status?: { code?: string | number };
}

/** "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector" */
export interface TlsInspector {
  enable_ja3_fingerprinting?: boolean;
  initial_read_buffer_size?: number;
}
