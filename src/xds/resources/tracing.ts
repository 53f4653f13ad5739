/** Models tracing options of HTTP and their providers. Spec: envoy type/tracing/v3, config/trace/v3, HttpConnectionManager.Tracing. */
import type { TypedExtensionConfig } from './any.ts';
import type { HttpUri, GrpcService } from './service.ts';
import type { FractionalPercent, Percent } from './percent.ts';
import type { MetadataKey, MetadataKind } from './metadata.ts';

export interface CustomTag {
  tag: string;
  literal?: { value: string };
  environment?: { name: string; default_value?: string };
  request_header?: { name: string; default_value?: string };
  metadata?: { kind?: MetadataKind; metadata_key?: MetadataKey; default_value?: string };
  value?: string;
}

export interface HttpTracing {
  client_sampling?: Percent;
  random_sampling?: Percent;
  overall_sampling?: Percent;
  verbose?: boolean;
  max_path_tag_length?: number;
  custom_tags?: CustomTag[];
  provider?: TypedExtensionConfig;
  spawn_upstream_span?: boolean;
}

export interface RouteTracing {
  client_sampling?: FractionalPercent;
  random_sampling?: FractionalPercent;
  overall_sampling?: FractionalPercent;
  custom_tags?: CustomTag[];
}

/** "envoy.config.trace.v3.ZipkinConfig" */
export interface ZipkinConfig {
  collector_cluster?: string;
  collector_endpoint?: string;
  trace_id_128bit?: boolean;
  shared_span_context?: boolean;
  collector_endpoint_version?: 'HTTP_JSON' | 'HTTP_PROTO';
  collector_service?: { http_uri?: HttpUri };
}

/** "envoy.config.trace.v3.OpenTelemetryConfig" */
export interface OpenTelemetryConfig {
  grpc_service?: GrpcService;
  service_name?: string;
}
