/**
 * Admission of Sidecars.
 * Spec: https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
import type { SidecarPort } from '../kinds/port.ts';
import type { OutboundTrafficPolicy, SidecarSpec } from '../kinds/sidecar.ts';
import { validateConnectionPool } from './connection-pool.ts';
import type { ObjectContext } from './context.ts';
import { validateDestination } from './destination.ts';
import { fullNameProblem } from './domain-name.ts';
import type { Findings } from './findings.ts';
import { validateNetworkingSelector } from './policy-attachment.ts';
import { protocolProblem } from './service-entry.ts';
import { validateEgress } from './sidecar-egress.ts';
import { validateIngress } from './sidecar-ingress.ts';
import { portNameProblem } from './workload-entry.ts';

export function validateSidecar(
  spec: SidecarSpec,
  findings: Findings,
  { namespace }: ObjectContext,
): void {
  if (!validateNetworkingSelector(spec.workloadSelector, findings, 'sidecar')) return;
  const { ingress, egress, outboundTrafficPolicy, inboundConnectionPool } = spec;
  if (!egress?.length && !ingress?.length && !outboundTrafficPolicy && !inboundConnectionPool) {
    findings.warnings.length = 0;
    findings.error(['spec'], 'sidecar: empty configuration provided');
    return;
  }
  validateIngress(ingress, findings);
  validateConnectionPool(inboundConnectionPool, ['spec', 'inboundConnectionPool'], findings);
  validateEgress(egress, findings, namespace);
  if (outboundTrafficPolicy) validateOutboundPolicy(outboundTrafficPolicy, findings);
}

export function validateSidecarPort(
  port: SidecarPort,
  path: readonly (string | number)[],
  findings: Findings,
): void {
  if ((port.targetPort ?? 0) > 0)
    findings.error([...path, 'targetPort'], 'targetPort has no impact on Sidecars');
  if (port.name) findings.check([...path, 'name'], portNameProblem(port.name));
  findings.check([...path, 'protocol'], protocolProblem(port.protocol ?? ''));
}

function validateOutboundPolicy(policy: OutboundTrafficPolicy, findings: Findings): void {
  const proxy = policy.egressProxy;
  const path = ['spec', 'outboundTrafficPolicy', 'egressProxy'];
  if (!proxy) return;
  if (policy.mode !== 'ALLOW_ANY') {
    findings.error(
      path,
      'sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode',
    );
    return;
  }
  findings.check([...path, 'host'], fullNameProblem(proxy.host ?? ''));
  if (!proxy.port) {
    findings.error([...path, 'port'], 'sidecar: egress_proxy port must be non-nil');
    return;
  }
  validateDestination(proxy, path, findings);
}
