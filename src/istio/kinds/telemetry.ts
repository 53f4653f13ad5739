/**
 * Telemetry: which metrics, spans and access logs a workload's proxy makes.
 * Spec: https://istio.io/latest/docs/reference/config/telemetry/
 */
import type { DurationString } from './duration.ts';
import type { IstioObject } from './istio-object.ts';
import type { PolicyTargetReference, WorkloadSelector } from './selector.ts';

export type Telemetry = IstioObject<TelemetrySpec>;

export interface TelemetrySpec {
  readonly selector?: WorkloadSelector;
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly tracing?: readonly Tracing[];
  readonly metrics?: readonly Metrics[];
  readonly accessLogging?: readonly AccessLogging[];
}

export interface ProviderReference {
  readonly name: string;
}

export type WorkloadMode = 'CLIENT_AND_SERVER' | 'CLIENT' | 'SERVER';

export interface Tracing {
  readonly match?: { readonly mode?: WorkloadMode };
  readonly providers?: readonly ProviderReference[];
  readonly randomSamplingPercentage?: number;
  readonly disableSpanReporting?: boolean;
  readonly disableContextPropagation?: boolean;
  readonly customTags?: Readonly<Record<string, TracingTag>>;
  readonly useRequestIdForTraceSampling?: boolean;
  readonly enableIstioTags?: boolean;
}

export interface TracingTag {
  readonly literal?: { readonly value: string };
  readonly environment?: { readonly name: string; readonly defaultValue?: string };
  readonly header?: { readonly name: string; readonly defaultValue?: string };
  readonly formatter?: { readonly value: string };
}

export interface Metrics {
  readonly providers?: readonly ProviderReference[];
  readonly overrides?: readonly MetricsOverride[];
  readonly reportingInterval?: DurationString;
}

export interface MetricsOverride {
  readonly match?: {
    readonly metric?: IstioMetric;
    readonly customMetric?: string;
    readonly mode?: WorkloadMode;
  };
  readonly disabled?: boolean;
  readonly tagOverrides?: Readonly<
    Record<string, { readonly operation?: 'UPSERT' | 'REMOVE'; readonly value?: string }>
  >;
}

export type IstioMetric =
  | 'ALL_METRICS'
  | 'REQUEST_COUNT'
  | 'REQUEST_DURATION'
  | 'REQUEST_SIZE'
  | 'RESPONSE_SIZE'
  | 'TCP_OPENED_CONNECTIONS'
  | 'TCP_CLOSED_CONNECTIONS'
  | 'TCP_SENT_BYTES'
  | 'TCP_RECEIVED_BYTES'
  | 'GRPC_REQUEST_MESSAGES'
  | 'GRPC_RESPONSE_MESSAGES';

export interface AccessLogging {
  readonly match?: { readonly mode?: WorkloadMode };
  readonly providers?: readonly ProviderReference[];
  readonly disabled?: boolean;
  readonly filter?: { readonly expression?: string };
}
