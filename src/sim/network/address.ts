/** Models where a connection goes: an IP address and a port. */

export interface SocketAddress {
  readonly ip: string;
  readonly port: number;
}

/** "10.1.2.3:80", IPv6 in brackets. */
export function addressText({ ip, port }: SocketAddress): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

export function sameAddress(one: SocketAddress, other: SocketAddress): boolean {
  return one.port === other.port && one.ip === other.ip;
}
