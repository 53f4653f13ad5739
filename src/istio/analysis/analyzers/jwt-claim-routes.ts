/**
 * Routing by claims of a JWT needs a RequestAuthentication at the gateway that makes them known.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0149/
 */
import type { VirtualServiceSpec } from '../../kinds/virtual-service.ts';
import { routingClaim } from '../../routing-claim.ts';
import type { Analyzer } from '../context.ts';
import { selects } from '../label-selector.ts';
import { gatewayFullName } from './virtual-service-gateways.ts';

const ROOT_NAMESPACE = 'istio-system';

export const jwtClaimRouteAnalyzer: Analyzer = {
  name: 'virtualservice.JWTClaimRouteAnalyzer',
  run(context) {
    const policies = context.all('RequestAuthentication');
    for (const service of context.all('VirtualService')) {
      const claim = claimHeader(service.spec);
      if (claim === undefined) continue;
      for (const name of service.spec.gateways ?? []) {
        const gateway = context.find('Gateway', gatewayFullName(service.namespace, name));
        if (name === 'mesh' || !gateway) continue;
        for (const pod of context.all('Pod')) {
          if (!selects(gateway.spec.selector, pod.labels)) continue;
          const isAuthenticated = policies.some(
            ({ namespace, spec }) =>
              (namespace === ROOT_NAMESPACE || namespace === pod.namespace) &&
              selects(spec.selector?.matchLabels, pod.labels),
          );
          if (isAuthenticated) continue;
          const words = [claim, gateway.fullName, pod.name];
          context.report('JwtClaimBasedRoutingWithoutRequestAuthN', service, words);
        }
      }
    }
  },
};

function claimHeader(spec: VirtualServiceSpec): string | undefined {
  for (const { match = [] } of spec.http ?? []) {
    for (const { headers, withoutHeaders } of match) {
      const names = [...Object.keys(headers ?? {}), ...Object.keys(withoutHeaders ?? {})];
      const claim = names.find((name) => routingClaim(name));
      if (claim !== undefined) return claim;
    }
  }
  return undefined;
}
