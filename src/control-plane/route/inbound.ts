/**
 * Models the routes of an inbound port: all of it goes to the workload.
 *
 * Spec: istio pilot/pkg/networking/core/httproute.go, buildSidecarInboundHTTPRouteConfig.
 */
import type { Protocol } from '../../istio/protocol.ts';
import type { RouteConfiguration } from '../../xds/resources/route-configuration.ts';
import { patchRouteConfiguration } from '../patch/route-patches.ts';
import type { Proxy } from '../proxy.ts';
import { defaultInboundRoute, traceOperation } from './default-routes.ts';

export interface InboundRoutePort {
  readonly clusterName: string;
  readonly host: string;
  readonly servicePort: number;
  readonly protocol: Protocol;
}

export function inboundRouteConfig(proxy: Proxy, port: InboundRoutePort): RouteConfiguration {
  const operation = traceOperation(port.host, port.servicePort);
  return patchRouteConfiguration(proxy, 'SIDECAR_INBOUND', {
    name: port.clusterName,
    virtual_hosts: [
      {
        name: `inbound|http|${port.servicePort}`,
        domains: ['*'],
        routes: [defaultInboundRoute(port.clusterName, operation, port.protocol)],
      },
    ],
    validate_clusters: false,
  });
}
