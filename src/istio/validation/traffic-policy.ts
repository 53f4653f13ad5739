/**
 * Traffic policies of DestinationRules.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type {
  OutlierDetection,
  PortTrafficPolicy,
  TrafficPolicy,
  Tunnel,
} from '../kinds/traffic-policy.ts';
import { validateClientTls } from './client-tls.ts';
import { validateConnectionPool } from './connection-pool.ts';
import { fullNameProblem } from './domain-name.ts';
import { eachItem, type Findings } from './findings.ts';
import { addressProblem } from './ip-address.ts';
import { validateLoadBalancer } from './load-balancer.ts';
import { durationProblem, portProblem, wholePercentProblem } from './scalar.ts';

export function validateTrafficPolicy(
  policy: TrafficPolicy | undefined | null,
  path: ValuePath,
  findings: Findings,
  namespace: string,
): void {
  if (!policy) return;
  const { portLevelSettings, tunnel, proxyProtocol, retryBudget } = policy;
  if (!hasPortPolicy(policy) && !portLevelSettings && !tunnel && !proxyProtocol && !retryBudget) {
    findings.error(path, 'traffic policy must have at least one field');
    return;
  }
  if (tunnel && proxyProtocol) {
    findings.error(path, 'tunnel and proxyProtocol must not be set together');
    return;
  }
  validatePortPolicy(policy, path, findings, namespace);
  const ports = [...path, 'portLevelSettings'];
  eachItem(portLevelSettings, ports, findings, 'traffic policy may not be null', (item, at) => {
    if (!item.port) findings.error(at, 'portTrafficPolicy must have valid port');
    if (!hasPortPolicy(item))
      findings.error(at, 'port traffic policy must have at least one field');
    else findings.withoutWarnings(() => validatePortPolicy(item, at, findings, namespace));
  });
  if (tunnel) validateTunnel(tunnel, [...path, 'tunnel'], findings);
}

function hasPortPolicy(policy: PortTrafficPolicy): boolean {
  return Boolean(
    policy.outlierDetection || policy.connectionPool || policy.loadBalancer || policy.tls,
  );
}

function validatePortPolicy(
  policy: PortTrafficPolicy,
  path: ValuePath,
  findings: Findings,
  namespace: string,
): void {
  validateOutlierDetection(policy.outlierDetection, [...path, 'outlierDetection'], findings);
  validateConnectionPool(policy.connectionPool, [...path, 'connectionPool'], findings);
  validateLoadBalancer(policy.loadBalancer, [...path, 'loadBalancer'], findings, {
    outlierDetection: policy.outlierDetection,
  });
  validateClientTls(policy.tls, [...path, 'tls'], findings, namespace);
}

export function validateOutlierDetection(
  outlier: OutlierDetection | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!outlier) return;
  findings.check([...path, 'baseEjectionTime'], durationProblem(outlier.baseEjectionTime));
  if (outlier.consecutiveErrors)
    findings.warn(
      [...path, 'consecutiveErrors'],
      'outlier detection consecutive errors is deprecated, use consecutiveGatewayErrors or consecutive5xxErrors instead',
    );
  if (!outlier.splitExternalLocalOriginErrors && (outlier.consecutiveLocalOriginFailures ?? 0) > 0)
    findings.error(
      [...path, 'consecutiveLocalOriginFailures'],
      'outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false',
    );
  findings.check([...path, 'interval'], durationProblem(outlier.interval));
  for (const field of ['maxEjectionPercent', 'minHealthPercent'] as const)
    findings.check([...path, field], wholePercentProblem(outlier[field]));
}

function validateTunnel(tunnel: Tunnel, path: ValuePath, findings: Findings): void {
  const { protocol, targetHost = '', targetPort = 0 } = tunnel;
  if (protocol && protocol !== 'CONNECT' && protocol !== 'POST')
    findings.error([...path, 'protocol'], 'tunnel protocol must be "CONNECT" or "POST"');
  const nameProblem = fullNameProblem(targetHost);
  const ipProblem = addressProblem(targetHost);
  if (nameProblem !== undefined && ipProblem !== undefined)
    findings.error(
      [...path, 'targetHost'],
      `tunnel target host must be valid FQDN or IP address: ${nameProblem}; ${ipProblem}`,
    );
  const wrongPort = portProblem(targetPort);
  if (wrongPort !== undefined)
    findings.error([...path, 'targetPort'], `tunnel target port is invalid: ${wrongPort}`);
}
