/**
 * Models an accepted connection as the network filters see it: original addresses, what the
 * listener filters found out, TLS facts, and where to write.
 */
import type { ConnectionEnd } from '../../sim/network/connection.ts';
import type { SocketAddress } from '../../sim/network/address.ts';
import type { DownstreamTls, ResponseFlag } from '../stream-info.ts';
import type { Wire } from '../wire.ts';

export interface DownstreamConnection {
  readonly end: ConnectionEnd;
  readonly id: number;
  /** The original destination, where the listener restores it. */
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** The proxy's own address. */
  readonly proxyIp: string;
  readonly tls: DownstreamTls | undefined;
  /** SNI and ALPN that the client offered, when the TLS inspector looked. */
  readonly serverName: string;
  readonly alpn: string;
  readonly listener: string;
  readonly direction: 'inbound' | 'outbound' | 'unspecified';
  /** What the listener says of the connection in its own access log. */
  terminationDetails: string;
  flag: ResponseFlag | undefined;
  write(message: Wire, bytes: number): void;
  /** In order: what was written still arrives. */
  close(): void;
  reset(): void;
}

/** What a network filter's instance hears of its connection. */
export interface ConnectionSink {
  onMessage(message: Wire): void;
  onClosed(how: 'fin' | 'reset'): void;
  /** The listener is going: no new requests. */
  onDrain?(): void;
}

/** A compiled network filter. */
export interface NetworkFilter {
  readonly isTerminal: boolean;
  /** A terminal filter takes the connection over. */
  open(connection: DownstreamConnection): ConnectionSink | 'continue';
  /** Asked when the first bytes are there: false closes the connection. */
  admits?(connection: DownstreamConnection): boolean;
}
