/**
 * VirtualService's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/
 */
import { destination } from './destination.ts';
import { httpRoute } from './http-route.ts';
import { int32, list, object, string, stringMap, strings, uint32 } from './schema-node.ts';

const routeDestinations = list(
  object({ destination, weight: int32 }, { required: ['destination'] }),
);

const l4Match = {
  destinationSubnets: strings,
  gateways: strings,
  port: uint32,
  sourceLabels: stringMap,
  sourceNamespace: string,
};

export const virtualService = object({
  exportTo: strings,
  gateways: strings,
  hosts: strings,
  http: list(httpRoute),
  tcp: list(
    object({
      match: list(object({ ...l4Match, sourceSubnet: string })),
      route: routeDestinations,
    }),
  ),
  tls: list(
    object(
      {
        match: list(object({ ...l4Match, sniHosts: strings }, { required: ['sniHosts'] })),
        route: routeDestinations,
      },
      { required: ['match'] },
    ),
  ),
});
