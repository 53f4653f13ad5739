/**
 * EnvoyFilter: patches on the xDS that istiod made.
 * Spec: https://istio.io/latest/docs/reference/config/networking/envoy-filter/
 */
import type { IstioObject } from './istio-object.ts';
import type { NetworkingWorkloadSelector, PolicyTargetReference } from './selector.ts';

export type EnvoyFilter = IstioObject<EnvoyFilterSpec>;

export interface EnvoyFilterSpec {
  readonly workloadSelector?: NetworkingWorkloadSelector;
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly configPatches?: readonly EnvoyConfigPatch[];
  readonly priority?: number;
}

export type EnvoyFilterApplyTo =
  | 'INVALID'
  | 'LISTENER'
  | 'FILTER_CHAIN'
  | 'NETWORK_FILTER'
  | 'HTTP_FILTER'
  | 'ROUTE_CONFIGURATION'
  | 'VIRTUAL_HOST'
  | 'HTTP_ROUTE'
  | 'CLUSTER'
  | 'EXTENSION_CONFIG'
  | 'BOOTSTRAP'
  | 'LISTENER_FILTER';

export type EnvoyFilterOperation =
  | 'INVALID'
  | 'MERGE'
  | 'ADD'
  | 'REMOVE'
  | 'INSERT_BEFORE'
  | 'INSERT_AFTER'
  | 'INSERT_FIRST'
  | 'REPLACE';

export interface EnvoyConfigPatch {
  readonly applyTo?: EnvoyFilterApplyTo;
  readonly match?: EnvoyConfigMatch;
  readonly patch?: {
    readonly operation?: EnvoyFilterOperation;
    readonly value?: Readonly<Record<string, unknown>>;
    readonly filterClass?: 'UNSPECIFIED' | 'AUTHN' | 'AUTHZ' | 'STATS';
  };
}

export interface EnvoyConfigMatch {
  readonly context?: 'ANY' | 'SIDECAR_INBOUND' | 'SIDECAR_OUTBOUND' | 'GATEWAY' | 'WAYPOINT';
  readonly proxy?: {
    readonly proxyVersion?: string;
    readonly metadata?: Readonly<Record<string, string>>;
  };
  readonly listener?: EnvoyListenerMatch;
  readonly routeConfiguration?: EnvoyRouteConfigurationMatch;
  readonly cluster?: {
    readonly portNumber?: number;
    readonly service?: string;
    readonly subset?: string;
    readonly name?: string;
  };
  readonly waypoint?: {
    readonly portNumber?: number;
    readonly filter?: EnvoyFilterMatch;
    readonly route?: { readonly name?: string };
  };
}

export interface EnvoyListenerMatch {
  readonly portNumber?: number;
  readonly portName?: string;
  readonly filterChain?: {
    readonly name?: string;
    readonly sni?: string;
    readonly transportProtocol?: string;
    readonly applicationProtocols?: string;
    readonly filter?: EnvoyFilterMatch;
    readonly destinationPort?: number;
  };
  readonly listenerFilter?: string;
  readonly name?: string;
}

export interface EnvoyFilterMatch {
  readonly name?: string;
  readonly subFilter?: { readonly name?: string };
}

export interface EnvoyRouteConfigurationMatch {
  readonly portNumber?: number;
  readonly portName?: string;
  readonly gateway?: string;
  readonly vhost?: {
    readonly name?: string;
    readonly domainName?: string;
    readonly route?: {
      readonly name?: string;
      readonly action?: 'ANY' | 'ROUTE' | 'REDIRECT' | 'DIRECT_RESPONSE';
    };
  };
  readonly name?: string;
}
