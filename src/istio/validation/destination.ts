/**
 * Destinations, subset names and gateway names of routes.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { Destination } from '../kinds/destination.ts';
import { isDnsLabel } from './dns-label.ts';
import { fullNameProblem, wildcardNameProblem } from './domain-name.ts';
import type { Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { portProblem } from './scalar.ts';

export function validateDestination(
  destination: Destination | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!destination) return;
  const host = destination.host ?? '';
  if (host === '*') findings.error([...path, 'host'], `invalid destination host ${host}`);
  else findings.check([...path, 'host'], wildcardNameProblem(host));
  if (destination.subset)
    findings.check([...path, 'subset'], subsetNameProblem(destination.subset));
  if (destination.port)
    findings.check([...path, 'port', 'number'], portProblem(destination.port.number ?? 0));
}

export function subsetNameProblem(name: string | undefined): string | undefined {
  if (!name) return 'subset name cannot be empty';
  return isDnsLabel(name) ? undefined : `subset name is invalid: ${name}`;
}

/** "mesh", "name", "namespace/name", and the old "name.namespace.svc.cluster.local". */
export function validateGatewayNames(
  names: readonly string[] | undefined,
  path: ValuePath,
  findings: Findings,
  gatewayApiSemantics = false,
): void {
  for (const [index, gateway] of (names ?? []).entries()) {
    const at = [...path, index];
    const slash = gateway.indexOf('/');
    if (slash < 0) {
      warnOldSpelling(gateway, at, findings);
      findings.check(at, fullNameProblem(gateway));
      return; // istiod stops at the first name without a namespace
    }
    const namespace = gateway.slice(0, slash);
    const name = gateway.slice(slash + 1);
    if (namespace === '' || name === '')
      findings.error(at, 'config namespace and gateway name cannot be empty');
    if (!isDnsLabel(namespace))
      findings.error(at, `invalid value for namespace: ${quoted(namespace)}`);
    if (!isDnsLabel(name) && !gatewayApiSemantics)
      findings.error(at, `invalid value for gateway name: ${quoted(name)}`);
  }
}

function warnOldSpelling(gateway: string, path: ValuePath, findings: Findings): void {
  if (!gateway.includes('.')) return;
  const [name = '', namespace = ''] = gateway.split('.');
  findings.warn(
    path,
    `using legacy gatewayName format ${quoted(gateway)}; prefer the <namespace>/<name> format: ${quoted(`${namespace}/${name}`)}`,
  );
}
