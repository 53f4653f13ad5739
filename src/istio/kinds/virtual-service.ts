/**
 * VirtualService: how requests for hosts are matched, changed and routed.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/
 */
import type { Destination } from './destination.ts';
import type { HttpRoute } from './http-route.ts';
import type { IstioObject } from './istio-object.ts';

export type VirtualService = IstioObject<VirtualServiceSpec>;

export interface VirtualServiceSpec {
  readonly hosts?: readonly string[];
  readonly gateways?: readonly string[];
  readonly http?: readonly HttpRoute[];
  readonly tls?: readonly TlsRoute[];
  readonly tcp?: readonly TcpRoute[];
  readonly exportTo?: readonly string[];
}

export interface TlsRoute {
  readonly match: readonly TlsMatch[];
  readonly route?: readonly RouteDestination[];
}

export interface TcpRoute {
  readonly match?: readonly L4Match[];
  readonly route?: readonly RouteDestination[];
}

export interface RouteDestination {
  readonly destination: Destination;
  readonly weight?: number;
}

export interface L4Match {
  readonly destinationSubnets?: readonly string[];
  readonly port?: number;
  /** Without effect: kept for old manifests. */
  readonly sourceSubnet?: string;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly gateways?: readonly string[];
  readonly sourceNamespace?: string;
}

export interface TlsMatch extends Omit<L4Match, 'sourceSubnet'> {
  readonly sniHosts: readonly string[];
}
