/**
 * Models istiod's controller of the Gateway API: its objects read as Istio's own kinds.
 *
 * Spec: istio pilot/pkg/config/kube/gateway/controller.go. Simplified: TCPRoute and TLSRoute are left
 * out, as are the statuses of Gateways and routes.
 */
import type { Gateway } from '../../istio/kinds/gateway.ts';
import type { VirtualService } from '../../istio/kinds/virtual-service.ts';
import type { KubeObject } from '../../kube/objects/metadata.ts';
import { listenersOf } from './gateways.ts';
import {
  gatewayApiObjects,
  type GatewayObject,
  type GrpcRouteObject,
  type HttpRouteObject,
  type ReferenceGrant,
} from './objects.ts';
import { virtualServicesOf } from './routes.ts';

export interface ConvertedConfigs {
  readonly gateways: readonly Gateway[];
  readonly virtualServices: readonly VirtualService[];
}

const NOTHING: ConvertedConfigs = { gateways: [], virtualServices: [] };

export function convertGatewayApi(
  all: Iterable<KubeObject>,
  domainSuffix: string,
): ConvertedConfigs {
  const objects = [...all];
  const ofKind = <T extends KubeObject>(kind: string) => gatewayApiObjects<T>(objects, kind);
  const gateways = ofKind<GatewayObject>('Gateway');
  const httpRoutes = ofKind<HttpRouteObject>('HTTPRoute');
  const grpcRoutes = ofKind<GrpcRouteObject>('GRPCRoute');
  if (gateways.length + httpRoutes.length + grpcRoutes.length === 0) return NOTHING;
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace');
  const secrets = new Set(
    objects
      .filter(({ kind }) => kind === 'Secret')
      .map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`),
  );
  const around = { namespaces, secrets, domainSuffix };
  const listeners = gateways.flatMap((it) => listenersOf(it, around));
  const grants = ofKind<ReferenceGrant>('ReferenceGrant');
  const world = { objects, listeners, grants, domainSuffix };
  return {
    gateways: listeners.map(({ config }) => config),
    virtualServices: [
      ...virtualServicesOf(httpRoutes, world),
      ...virtualServicesOf(grpcRoutes, world),
    ],
  };
}
