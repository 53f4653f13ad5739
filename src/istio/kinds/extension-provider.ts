/**
 * A provider that Telemetry and CUSTOM AuthorizationPolicies name: one of its members is set.
 * Spec: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider
 */
import type { DurationString } from './duration.ts';

export interface ExtensionProvider {
  readonly name: string;
  readonly envoyExtAuthzHttp?: ExternalAuthorizationHttp;
  readonly envoyExtAuthzGrpc?: ExternalAuthorizationGrpc;
  readonly zipkin?: TraceCollector & {
    readonly path?: string;
    readonly enable64bitTraceId?: boolean;
  };
  readonly lightstep?: TraceCollector & { readonly accessToken?: string };
  readonly datadog?: TraceCollector;
  readonly stackdriver?: { readonly maxTagLength?: number };
  readonly skywalking?: ServiceAddress & { readonly accessToken?: string };
  readonly opentelemetry?: TraceCollector;
  readonly prometheus?: Readonly<Record<string, never>>;
  readonly envoyFileAccessLog?: FileAccessLog;
  readonly envoyHttpAls?: ServiceAddress & AccessLogService;
  readonly envoyTcpAls?: ServiceAddress & AccessLogService;
  readonly envoyOtelAls?: ServiceAddress & {
    readonly logName?: string;
    readonly logFormat?: Omit<AccessLogFormat, 'labelsOnly'>;
  };
}

export interface ServiceAddress {
  readonly service: string;
  readonly port: number;
}

export interface TraceCollector extends ServiceAddress {
  readonly maxTagLength?: number;
}

export interface AccessLogService {
  readonly logName?: string;
  readonly filterStateObjectsToLog?: readonly string[];
  readonly additionalRequestHeadersToLog?: readonly string[];
  readonly additionalResponseHeadersToLog?: readonly string[];
  readonly additionalResponseTrailersToLog?: readonly string[];
}

export interface AccessLogFormat {
  readonly text?: string;
  readonly labels?: Readonly<Record<string, unknown>>;
}

export interface FileAccessLog {
  readonly path?: string;
  readonly logFormat?: AccessLogFormat;
  readonly omitEmptyValues?: boolean;
}

interface ExternalAuthorization extends ServiceAddress {
  readonly timeout?: DurationString;
  readonly failOpen?: boolean;
  readonly clearRouteCache?: boolean;
  readonly statusOnError?: string;
  readonly includeRequestBodyInCheck?: {
    readonly maxRequestBytes?: number;
    readonly allowPartialMessage?: boolean;
    readonly packAsBytes?: boolean;
  };
}

export type ExternalAuthorizationGrpc = ExternalAuthorization;

export interface ExternalAuthorizationHttp extends ExternalAuthorization {
  readonly pathPrefix?: string;
  readonly includeHeadersInCheck?: readonly string[];
  readonly includeRequestHeadersInCheck?: readonly string[];
  readonly includeAdditionalHeadersInCheck?: Readonly<Record<string, string>>;
  readonly headersToUpstreamOnAllow?: readonly string[];
  readonly headersToDownstreamOnAllow?: readonly string[];
  readonly headersToDownstreamOnDeny?: readonly string[];
}
