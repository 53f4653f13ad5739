/**
 * Deployments behind several Services that disagree about a port.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0116/ and ist0137/
 */
import type { StringMap } from '../../../kube/objects/metadata.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import { selects } from '../label-selector.ts';
import { isInMesh, templateOf } from '../mesh-membership.ts';
import type { Resource } from '../resource.ts';

const MANAGED = 'gateway.istio.io/managed';
const WAYPOINT_CONTROLLER = 'istio.io-mesh-controller';

interface ServicePort {
  readonly port?: number;
  readonly targetPort?: number | string;
  readonly protocol?: string;
}

export const serviceAssociationAnalyzer: Analyzer = {
  name: 'deployment.ServiceAssociationAnalyzer',
  run(context) {
    for (const deployment of context.all('Deployment')) {
      const template = templateOf(deployment);
      if (deployment.labels[MANAGED] === WAYPOINT_CONTROLLER) continue;
      if (!isInMesh(template, deployment.namespace, context)) continue;
      const services = context.all('Service').filter(({ namespace, spec }) => {
        const selector = (spec['selector'] ?? {}) as StringMap;
        const isEmpty = Object.keys(selector).length === 0;
        return namespace === deployment.namespace && !isEmpty && selects(selector, template.labels);
      });
      reportProtocols(deployment, services, context);
      reportTargetPorts(deployment, services, context);
    }
  },
};

/** One port number with two protocols. */
function reportProtocols(
  deployment: Resource,
  services: readonly Resource[],
  context: AnalysisContext,
): void {
  const byPort = new Map<number, Map<string, string[]>>();
  for (const { fullName, spec } of services) {
    for (const { port = 0, protocol = 'TCP' } of portsOf(spec)) {
      const protocols = byPort.get(port) ?? new Map<string, string[]>();
      protocols.set(protocol, [...(protocols.get(protocol) ?? []), fullName]);
      byPort.set(port, protocols);
    }
  }
  for (const [port, protocols] of byPort) {
    if (protocols.size < 2) continue;
    const names = [...protocols.values()].flat().sort();
    context.report(
      'DeploymentAssociatedToMultipleServices',
      deployment,
      [deployment.name, port, names],
      ['metadata', 'name'],
    );
  }
}

/** One target port under two port numbers. */
function reportTargetPorts(
  deployment: Resource,
  services: readonly Resource[],
  context: AnalysisContext,
): void {
  const byTarget = new Map<string, Map<number, string>>();
  for (const { fullName, spec } of services) {
    for (const { port = 0, targetPort } of portsOf(spec)) {
      const target = String(targetPort || port);
      const ports = byTarget.get(target) ?? new Map<number, string>();
      byTarget.set(target, ports.set(port, fullName));
    }
  }
  for (const [target, ports] of byTarget) {
    if (ports.size < 2) continue;
    const names = [...ports.values()].sort();
    const numbers = [...ports.keys()].sort((a, b) => a - b);
    context.report(
      'DeploymentConflictingPorts',
      deployment,
      [deployment.name, names, target, numbers],
      ['metadata', 'name'],
    );
  }
}

function portsOf(spec: Resource['spec']): readonly ServicePort[] {
  return (spec['ports'] ?? []) as readonly ServicePort[];
}
