/**
 * Ports of Gateways must be ports of a Service in front of the gateway's pods.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0162/
 */
import type { StringMap } from '../../../kube/objects/metadata.ts';
import type { GatewaySpec } from '../../kinds/gateway.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import { firstLabel, selects, selectorText } from '../label-selector.ts';
import type { Resource } from '../resource.ts';

interface ServicePort {
  readonly port?: number;
  readonly targetPort?: number | string;
  readonly protocol?: string;
}

export const ingressGatewayPortAnalyzer: Analyzer = {
  name: 'gateway.IngressGatewayPortAnalyzer',
  run(context) {
    for (const gateway of context.all('Gateway')) {
      const { selector, servers = [] } = gateway.spec;
      const pods = context.all('Pod').filter(({ labels }) => selects(selector, labels));
      const path = selectorPath(gateway);
      const text = selectorText(selector);
      if (pods.length === 0) {
        context.report('ReferencedResourceNotFound', gateway, ['selector', text], path);
        continue;
      }
      const exposed = exposedPorts(pods, context);
      for (const { port } of servers) {
        if (!port || exposed.has(port.number)) continue;
        context.report('GatewayPortNotDefinedOnService', gateway, [port.number, text], path);
      }
    }
  },
};

function selectorPath(gateway: Resource<GatewaySpec>): string[] {
  const label = firstLabel(gateway.spec.selector);
  return label === undefined ? [] : ['spec', 'selector', label];
}

/** Both what Services listen on and what they send it to. */
function exposedPorts(pods: readonly Resource[], context: AnalysisContext): Set<number> {
  const exposed = new Set<number>();
  for (const pod of pods) {
    for (const { namespace, spec } of context.all('Service')) {
      if (namespace !== pod.namespace) continue;
      if (!selects(spec['selector'] as StringMap | undefined, pod.labels)) continue;
      for (const { port = 0, targetPort, protocol } of (spec['ports'] ?? []) as ServicePort[]) {
        if (protocol !== 'TCP') continue; // as istioctl: the protocol must be written
        exposed.add(port);
        if (targetPort !== undefined && Number(targetPort)) exposed.add(Number(targetPort));
      }
    }
  }
  return exposed;
}
