/** Models access logs, their filters and formats. Spec: envoy config/accesslog/v3, core/v3/substitution_format_string.proto. */
import type { Any, TypedExtensionConfig } from './any.ts';
import type { DataSource } from './data-source.ts';
import type { HeaderMatcher } from './header-matcher.ts';
import type { FractionalPercent, RuntimeUint32 } from './percent.ts';
import type { GrpcService } from './service.ts';
import type { Struct } from './metadata.ts';

export interface ComparisonFilter {
  op?: 'EQ' | 'GE' | 'LE' | 'NE';
  value: RuntimeUint32;
}

/** Exactly one of the fields is set. */
export interface AccessLogFilter {
  status_code_filter?: { comparison: ComparisonFilter };
  duration_filter?: { comparison: ComparisonFilter };
  not_health_check_filter?: object;
  traceable_filter?: object;
  runtime_filter?: {
    runtime_key: string;
    percent_sampled?: FractionalPercent;
    use_independent_randomness?: boolean;
  };
  and_filter?: { filters: AccessLogFilter[] };
  or_filter?: { filters: AccessLogFilter[] };
  header_filter?: { header: HeaderMatcher };
  response_flag_filter?: { flags?: string[] };
  grpc_status_filter?: { statuses?: string[]; exclude?: boolean };
  extension_filter?: TypedExtensionConfig;
  metadata_filter?: object;
  log_type_filter?: { types?: string[]; exclude?: boolean };
}

export interface AccessLog {
  name: string;
  filter?: AccessLogFilter;
  typed_config?: Any;
}

export interface SubstitutionFormatString {
  text_format?: string;
  text_format_source?: DataSource;
  json_format?: Struct;
  json_format_options?: { sort_properties?: boolean };
  omit_empty_values?: boolean;
  content_type?: string;
  formatters?: TypedExtensionConfig[];
}

/** "envoy.extensions.access_loggers.file.v3.FileAccessLog" */
export interface FileAccessLog {
  path: string;
  format?: string;
  log_format?: SubstitutionFormatString;
}

/** "envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig" */
export interface OpenTelemetryAccessLogConfig {
  common_config?: {
    log_name: string;
    grpc_service: GrpcService;
    transport_api_version?: string;
    filter_state_objects_to_log?: string[];
  };
  disable_builtin_labels?: boolean;
  body?: { string_value?: string; kvlist_value?: object };
  attributes?: object;
}
