/**
 * The protocol a port declares, whatever its case.
 * Spec: https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/
 */
export type Protocol =
  | 'TCP'
  | 'UDP'
  | 'GRPC'
  | 'GRPC-Web'
  | 'HTTP'
  | 'HTTP_PROXY'
  | 'HTTP2'
  | 'HTTPS'
  | 'TLS'
  | 'Mongo'
  | 'Redis'
  | 'MySQL'
  | 'UnsupportedProtocol';

const BY_LOWER_CASE = new Map<string, Protocol>(
  (
    [
      'TCP',
      'UDP',
      'GRPC',
      'GRPC-Web',
      'HTTP',
      'HTTP_PROXY',
      'HTTP2',
      'HTTPS',
      'TLS',
      'Mongo',
      'Redis',
      'MySQL',
    ] as const
  ).map((protocol) => [protocol.toLowerCase(), protocol]),
);
const HTTP_PROTOCOLS: ReadonlySet<Protocol> = new Set([
  'HTTP',
  'HTTP2',
  'HTTP_PROXY',
  'GRPC',
  'GRPC-Web',
]);
const TCP_PROTOCOLS: ReadonlySet<Protocol> = new Set([
  'TCP',
  'HTTPS',
  'TLS',
  'Mongo',
  'Redis',
  'MySQL',
]);

export function parseProtocol(text: string | undefined): Protocol {
  return BY_LOWER_CASE.get((text ?? '').toLowerCase()) ?? 'UnsupportedProtocol';
}

export function isHttp(protocol: Protocol): boolean {
  return HTTP_PROTOCOLS.has(protocol);
}

/** TCP and everything that is carried over it without being plain HTTP. */
export function isTcp(protocol: Protocol): boolean {
  return TCP_PROTOCOLS.has(protocol);
}

export function isTls(protocol: Protocol): boolean {
  return protocol === 'HTTPS' || protocol === 'TLS';
}
