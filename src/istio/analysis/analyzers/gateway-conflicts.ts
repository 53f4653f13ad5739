/**
 * Gateways on the same pods and port that serve the same host.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0145/
 */
import type { GatewaySpec, Server } from '../../kinds/gateway.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import { firstLabel, selects, selectorText } from '../label-selector.ts';
import type { Resource } from '../resource.ts';

/** One port of one gateway: the last server on it counts, as in istioctl. */
interface ServedPort {
  readonly gateway: Resource<GatewaySpec>;
  readonly selector: string;
  readonly port: number;
  /** host → bind. */
  hosts: ReadonlyMap<string, string>;
}

export const conflictingGatewayAnalyzer: Analyzer = {
  name: 'gateway.ConflictingGatewayAnalyzer',
  run(context) {
    const ports = servedPorts(context);
    for (const gateway of context.all('Gateway')) {
      const selector = selectorText(gateway.spec.selector);
      const rivals = ports.filter((port) => onSamePods(gateway.spec, selector, port, context));
      if (selector !== '' && rivals.length === 0) {
        const label = firstLabel(gateway.spec.selector) ?? '';
        const path = ['spec', 'selector', label];
        context.report('ReferencedResourceNotFound', gateway, ['selector', selector], path);
        continue;
      }
      for (const server of gateway.spec.servers ?? [])
        reportConflicts(gateway, server, rivals, context);
    }
  },
};

function reportConflicts(
  gateway: Resource<GatewaySpec>,
  server: Server,
  rivals: readonly ServedPort[],
  context: AnalysisContext,
): void {
  const port = server.port?.number ?? 0;
  const hosts = server.hosts ?? [];
  const names = rivals
    .filter(
      (rival) =>
        rival.port === port &&
        rival.gateway.fullName !== gateway.fullName &&
        hosts.some((host) => rival.hosts.get(host) === (server.bind ?? '')),
    )
    .map((rival) => rival.gateway.fullName);
  if (names.length === 0) return;
  const selector = selectorText(gateway.spec.selector);
  const words = [names.sort().join(','), selector, String(port), hosts.join(',')];
  context.report('ConflictingGateways', gateway, words);
}

function servedPorts(context: AnalysisContext): ServedPort[] {
  const ports = new Map<string, ServedPort>();
  for (const gateway of context.all('Gateway')) {
    const selector = selectorText(gateway.spec.selector);
    for (const server of gateway.spec.servers ?? []) {
      const port = server.port?.number ?? 0;
      const hosts = new Map((server.hosts ?? []).map((host) => [host, server.bind ?? '']));
      const key = `${selector}~${port}~${gateway.fullName}`;
      ports.set(key, { gateway, selector, port, hosts });
    }
  }
  return [...ports.values()];
}

/** The same selector, or one within the other with a pod that both select. */
function onSamePods(
  spec: GatewaySpec,
  selector: string,
  port: ServedPort,
  context: AnalysisContext,
): boolean {
  if (selector === port.selector) return true;
  if (!port.selector.includes(selector) && !selector.includes(port.selector)) return false;
  return context
    .all('Pod')
    .some(
      ({ labels }) => selects(spec.selector, labels) && selects(port.gateway.spec.selector, labels),
    );
}
