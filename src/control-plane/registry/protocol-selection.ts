/**
 * Models how the protocol of a port is told: by appProtocol, else by the prefix of its name.
 *
 * Spec: istio pkg/config/kube/conversion.go, ConvertProtocol; docs, ops/configuration/traffic-management/protocol-selection.
 */
import { isHttp, isTcp, parseProtocol, type Protocol } from '../../istio/protocol.ts';

const KUBERNETES_APP_PROTOCOLS: Readonly<Record<string, Protocol>> = {
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
};

/** Ports of protocols in which the server speaks first: sniffing would wait in vain. */
const SERVER_FIRST_PORTS: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

export function portProtocol(
  port: number,
  portName: string,
  transport: string | undefined,
  appProtocol: string | undefined,
): Protocol {
  if (transport === 'UDP') return 'UDP';
  if (appProtocol !== undefined && appProtocol in KUBERNETES_APP_PROTOCOLS)
    return KUBERNETES_APP_PROTOCOLS[appProtocol]!;
  const name = appProtocol ?? portName;
  if (name.toLowerCase().startsWith('grpc-web')) return 'GRPC-Web';
  const protocol = parseProtocol(name.split('-')[0]);
  return protocol === 'UnsupportedProtocol' && SERVER_FIRST_PORTS.has(port) ? 'TCP' : protocol;
}

/** What kind of listener a protocol gets; "auto" sniffs, undefined gets none. */
export type ListenerProtocol = 'http' | 'tcp' | 'auto';

export function listenerProtocol(protocol: Protocol): ListenerProtocol | undefined {
  if (isHttp(protocol)) return 'http';
  if (isTcp(protocol)) return 'tcp';
  return protocol === 'UDP' ? undefined : 'auto';
}

export function isHttpOrSniffed(protocol: Protocol): boolean {
  return isHttp(protocol) || protocol === 'UnsupportedProtocol';
}

export function isHttp2(protocol: Protocol): boolean {
  return protocol === 'HTTP2' || protocol === 'GRPC' || protocol === 'GRPC-Web';
}

export function isGrpc(protocol: Protocol): boolean {
  return protocol === 'GRPC' || protocol === 'GRPC-Web';
}
