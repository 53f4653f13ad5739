/**
 * Names of Service ports that tell no protocol.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0118/ and ist0150/
 */
import { parseProtocol, type Protocol } from '../../protocol.ts';
import type { Analyzer } from '../context.ts';
import { isControlPlane } from '../mesh-membership.ts';

const MANAGED = 'gateway.istio.io/managed';
const GATEWAY_CONTROLLERS = [
  'istio.io-gateway-controller',
  'istio.io-mesh-controller',
  'istio.io-eastwest-controller',
];
/** SMTP, DNS, MySQL, MongoDB: there the server speaks first. */
const SERVER_FIRST_PORTS = [25, 53, 3306, 27017];
const APP_PROTOCOLS: Readonly<Record<string, Protocol>> = {
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
};

interface ServicePort {
  readonly name?: string;
  readonly port?: number;
  readonly targetPort?: number | string;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

export const portNameAnalyzer: Analyzer = {
  name: 'service.PortNameAnalyzer',
  run(context) {
    for (const service of context.all('Service')) {
      const managedBy = service.labels[MANAGED];
      if (isControlPlane(service)) continue;
      if (managedBy !== undefined && GATEWAY_CONTROLLERS.includes(managedBy)) continue;
      const isExternal = service.spec['type'] === 'ExternalName';
      ((service.spec['ports'] ?? []) as readonly ServicePort[]).forEach((port, index) => {
        const isNamedTcp = isExternal && port.name === 'tcp';
        if (servicePortProtocol(port) !== 'UnsupportedProtocol' && !isNamedTcp) return;
        const path = ['spec', 'ports', index];
        const words = [port.name ?? '', port.port ?? 0, String(port.targetPort ?? 0)];
        if (isExternal) context.report('ExternalNameServiceTypeInvalidPortName', service, [], path);
        else context.report('PortNameIsNotUnderNamingConvention', service, words, path);
      });
    }
  },
};

/** appProtocol, or the port's name up to the first "-". */
function servicePortProtocol(service: ServicePort): Protocol {
  const { name = '', port = 0, protocol, appProtocol } = service;
  if (protocol === 'UDP') return 'UDP';
  const known = appProtocol === undefined ? undefined : APP_PROTOCOLS[appProtocol];
  if (known) return known;
  const text = appProtocol ?? name;
  if (text.toLowerCase().startsWith('grpc-web')) return 'GRPC-Web';
  const parsed = parseProtocol(text.split('-')[0]);
  return parsed === 'UnsupportedProtocol' && SERVER_FIRST_PORTS.includes(port) ? 'TCP' : parsed;
}
