/**
 * Admission of ServiceEntries.
 * Spec: https://istio.io/latest/docs/reference/config/networking/service-entry/
 */
import { isWildcard } from '../host-name.ts';
import type { ServiceEntrySpec } from '../kinds/service-entry.ts';
import { isHttp, isTcp, isTls, parseProtocol } from '../protocol.ts';
import type { ObjectContext } from './context.ts';
import { validateLabels } from './dns-label.ts';
import { fullNameProblem, partialWildcardProblem, wildcardNameProblem } from './domain-name.ts';
import { validateExportTo } from './export-to.ts';
import { eachItem, type Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { subnetProblem } from './ip-address.ts';
import { validateNetworkingSelector } from './policy-attachment.ts';
import { portProblem } from './scalar.ts';
import {
  nameOrAddressProblem,
  portNameProblem,
  validateEndpoint,
  validateEndpointPorts,
} from './workload-entry.ts';

const USE_WAYPOINT = 'istio.io/use-waypoint';
const ENABLE_ALLOCATION = 'networking.istio.io/enable-autoallocate-ip';
const DYNAMIC_PROTOCOLS: ReadonlySet<string> = new Set(['HTTP', 'TLS', 'GRPC', 'HTTP2']);
const ENDPOINTS = ['spec', 'endpoints'];
const PORTS = ['spec', 'ports'];

export function validateServiceEntry(
  spec: ServiceEntrySpec,
  findings: Findings,
  context: ObjectContext,
): void {
  if (!validateNetworkingSelector(spec.workloadSelector, findings, 'service entry')) return;
  if (spec.workloadSelector && spec.endpoints)
    findings.error(
      ENDPOINTS,
      'only one of WorkloadSelector or Endpoints is allowed in Service Entry',
    );
  const resolution = spec.resolution ?? 'NONE';
  validateHosts(spec, findings);
  validateAddresses(spec, findings);
  const servicePorts = validatePorts(spec, findings, context);
  switch (resolution) {
    case 'NONE':
      if (spec.endpoints?.length)
        findings.error(ENDPOINTS, 'no endpoints should be provided for resolution type none');
      if (spec.workloadSelector)
        findings.warn(
          ['spec', 'workloadSelector'],
          'workloadSelector should not be set when resolution mode is NONE',
        );
      break;
    case 'STATIC':
      eachItem(spec.endpoints, ENDPOINTS, findings, 'endpoint cannot be nil', (endpoint, at) =>
        validateEndpoint(endpoint, at, findings, { servicePorts, allowNames: false }),
      );
      break;
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      validateDns(spec, findings, servicePorts);
      break;
    case 'DYNAMIC_DNS':
      validateDynamicDns(spec, findings, context);
      break;
    default:
      findings.error(['spec', 'resolution'], 'unsupported resolution type ');
  }
  forbidAmbiguousPorts(spec, findings);
  const exportTo = ['spec', 'exportTo'];
  validateExportTo(spec.exportTo, exportTo, findings, context.namespace, { isServiceEntry: true });
}

function validateHosts({ hosts, resolution }: ServiceEntrySpec, findings: Findings): void {
  if (!hosts?.length)
    findings.error(['spec', 'hosts'], 'service entry must have at least one host');
  hosts?.forEach((host, index) => {
    const at = ['spec', 'hosts', index];
    if (host === '*') {
      findings.error(at, `invalid host ${host}`);
      return;
    }
    findings.check(at, wildcardNameProblem(host));
    const partial = resolution === 'DYNAMIC_DNS' ? undefined : partialWildcardProblem(host);
    if (partial !== undefined) findings.warn(at, partial);
  });
}

function validateAddresses(spec: ServiceEntrySpec, findings: Findings): void {
  const { addresses = [], resolution = 'NONE' } = spec;
  addresses.forEach((address, index) =>
    findings.check(['spec', 'addresses', index], subnetProblem(address)),
  );
  if (
    addresses.some((address) => address.includes('/')) &&
    resolution !== 'NONE' &&
    resolution !== 'STATIC'
  )
    findings.error(
      ['spec', 'addresses'],
      'CIDR addresses are allowed only for NONE/STATIC resolution types',
    );
}

/** Returns the names of the ports. */
function validatePorts(
  spec: ServiceEntrySpec,
  findings: Findings,
  { labels }: ObjectContext,
): ReadonlySet<string> {
  const names = new Set<string>();
  const numbers = new Set<number>();
  const needsAddresses = !spec.addresses?.length && !allocatesAddresses(spec, labels);
  eachItem(spec.ports, PORTS, findings, 'service entry port may not be null', (port, at) => {
    const { name = '', number = 0, protocol = '' } = port;
    if (names.has(name))
      findings.error(at, `service entry port name ${quoted(name)} already defined`);
    if (numbers.has(number)) findings.error(at, `service entry port ${number} already defined`);
    names.add(name);
    numbers.add(number);
    if (port.targetPort) findings.check([...at, 'targetPort'], portProblem(port.targetPort));
    if (needsAddresses && (protocol === '' || protocol === 'TCP'))
      findings.warn(
        at,
        'addresses are required for ports serving TCP (or unset) protocol when IP Autoallocation is not enabled',
      );
    findings.check([...at, 'name'], portNameProblem(name));
    findings.check([...at, 'protocol'], protocolProblem(protocol));
    findings.check([...at, 'number'], portProblem(number));
  });
  return names;
}

/** Whether istiod gives the hosts addresses of its own. */
export function allocatesAddresses(
  { resolution = 'NONE', addresses = [] }: ServiceEntrySpec,
  labels: ObjectContext['labels'],
): boolean {
  if (labels?.[ENABLE_ALLOCATION]?.toLowerCase() === 'false') return false;
  return addresses.length === 0 && resolution !== 'NONE';
}

function validateDns(
  spec: ServiceEntrySpec,
  findings: Findings,
  servicePorts: ReadonlySet<string>,
): void {
  const { endpoints = [], hosts = [], resolution = 'DNS' } = spec;
  if (endpoints.length === 0) {
    const index = hosts.findIndex((host) => fullNameProblem(host) !== undefined);
    if (index >= 0)
      findings.error(
        ['spec', 'hosts', index],
        `hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode ${resolution}, ${fullNameProblem(hosts[index] ?? '')}`,
      );
  }
  if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1)
    findings.error(
      ENDPOINTS,
      `there must only be 0 or 1 endpoint for resolution mode ${resolution}`,
    );
  eachItem(endpoints, ENDPOINTS, findings, 'endpoint cannot be nil', (endpoint, at) => {
    findings.check([...at, 'address'], nameOrAddressProblem(endpoint.address ?? ''));
    validateLabels(endpoint.labels, [...at, 'labels'], findings);
    validateEndpointPorts(endpoint, at, findings, servicePorts);
  });
  if (!spec.addresses?.length || hosts.length < 2) return;
  if (spec.ports?.some((port) => isTcp(parseProtocol(port?.protocol))))
    findings.warn(
      ['spec', 'hosts'],
      'service entry can not have more than one host specified simultaneously with address and tcp port',
    );
}

function validateDynamicDns(
  spec: ServiceEntrySpec,
  findings: Findings,
  { labels }: ObjectContext,
): void {
  const kind = 'resolution type DYNAMIC_DNS';
  const hosts = ['spec', 'hosts'];
  if (!spec.hosts?.length)
    findings.error(hosts, `at least one wildcard host must be provided for ${kind}`);
  spec.hosts?.forEach((host, index) => {
    if (!isWildcard(host))
      findings.error([...hosts, index], 'host must be wildcarded for resolution mode DYNAMIC_DNS');
  });
  if (spec.addresses?.length)
    findings.error(
      ['spec', 'addresses'],
      `addresses cannot be set for ${kind}. HTTP route domains will only be generatedfrom the hosts field values`,
    );
  if (spec.endpoints?.length)
    findings.error(
      ENDPOINTS,
      `endpoints cannot be set for ${kind}. Destination IP address determined from hostsfield values`,
    );
  eachItem(spec.ports, PORTS, findings, 'port cannot be nil', (port, at) => {
    if (!DYNAMIC_PROTOCOLS.has(parseProtocol(port.protocol)))
      findings.error(
        [...at, 'protocol'],
        `only HTTP, TLS, GRPC, and HTTP2 protocols are supported for ${kind}`,
      );
  });
  const waypoint = labels?.[USE_WAYPOINT] ?? '';
  if (spec.location === 'MESH_INTERNAL' && waypoint !== '' && waypoint.toLowerCase() !== 'none')
    findings.error(
      ['spec', 'location'],
      `location MESH_INTERNAL with ${kind} is not supported when using waypoints`,
    );
}

/** Plain TCP has nothing by which several hosts could be told apart. */
function forbidAmbiguousPorts(spec: ServiceEntrySpec, findings: Findings): void {
  if ((spec.resolution ?? 'NONE') === 'NONE' || (spec.hosts?.length ?? 0) < 2) return;
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const at = [...PORTS, index];
    if (!port) {
      findings.error(at, 'ports cannot be nil');
      continue;
    }
    const protocol = parseProtocol(port.protocol);
    if (isHttp(protocol) || isTls(protocol)) continue;
    findings.error(at, 'multiple hosts provided with non-HTTP, non-TLS ports');
    return;
  }
}

export function protocolProblem(protocol: string): string | undefined {
  if (protocol === '' || parseProtocol(protocol) !== 'UnsupportedProtocol') return undefined;
  return `unsupported protocol: ${protocol}`;
}
