/**
 * Admission of WorkloadEntries, which are also endpoints of ServiceEntries.
 * Spec: https://istio.io/latest/docs/reference/config/networking/workload-entry/
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { WorkloadEntrySpec } from '../kinds/workload-entry.ts';
import { isDnsLabel, validateLabels } from './dns-label.ts';
import { fullNameProblem } from './domain-name.ts';
import { eachEntry, type Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { isIpAddress } from './ip-address.ts';
import { portProblem } from './scalar.ts';
import { isUnixSocket, unixSocketProblem } from './unix-socket.ts';

export interface EndpointOptions {
  /** Names of the ServiceEntry's ports; absent for an entry on its own. */
  readonly servicePorts?: ReadonlySet<string>;
  readonly allowNames: boolean;
}

export function validateWorkloadEntry(spec: WorkloadEntrySpec, findings: Findings): void {
  validateEndpoint(spec, ['spec'], findings, { allowNames: true });
}

export function validateEndpoint(
  entry: WorkloadEntrySpec,
  path: ValuePath,
  findings: Findings,
  { servicePorts, allowNames }: EndpointOptions,
): void {
  const address = entry.address ?? '';
  if (address === '') {
    if (!entry.network) {
      findings.error(path, 'address is required');
      return;
    }
    findings.warn(path, `address is unset with network ${quoted(entry.network)}`);
  }
  const at = [...path, 'address'];
  const hasPorts = Object.keys(entry.ports ?? {}).length > 0;
  if (isUnixSocket(address)) {
    findings.check(at, unixSocketProblem(address));
    if (hasPorts) findings.error(at, `unix endpoint ${address} must not include ports`);
  } else if (address !== '' && !isIpAddress(address)) {
    if (!allowNames)
      findings.error(at, `endpoint address ${quoted(address)} is not a valid IP address`);
    else findings.check(at, nameOrAddressProblem(address));
  }
  validateEndpointPorts(entry, path, findings, servicePorts);
  validateLabels(entry.labels, [...path, 'labels'], findings);
  if (isUnixSocket(address) && servicePorts && servicePorts.size !== 1)
    findings.error(at, 'exactly 1 service port required for unix endpoints');
}

export function validateEndpointPorts(
  entry: WorkloadEntrySpec,
  path: ValuePath,
  findings: Findings,
  servicePorts: ReadonlySet<string> | undefined,
): void {
  eachEntry(entry.ports, [...path, 'ports'], (port, at, name) => {
    if (servicePorts && !servicePorts.has(name))
      findings.error(at, `endpoint port ${port} is not defined by the service entry`);
    findings.check(at, portNameProblem(name));
    findings.check(at, portProblem(port));
  });
}

export function nameOrAddressProblem(address: string): string | undefined {
  if (isIpAddress(address) || fullNameProblem(address) === undefined) return undefined;
  return `endpoint address ${quoted(address)} is not a valid FQDN or an IP address`;
}

export function portNameProblem(name: string): string | undefined {
  return isDnsLabel(name) ? undefined : `invalid port name: ${name}`;
}
