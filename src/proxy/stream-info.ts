/**
 * Models what a proxy knows of one stream (an HTTP request or a TCP connection) when it is over:
 * everything that access logs, Istio's metrics and spans are made of.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
import type { SocketAddress } from '../sim/network/address.ts';
import type { Micros } from '../sim/time.ts';
import type { HeaderMap } from './http/header-map.ts';
import type { PeerMetadata } from './wire.ts';
import type { UpstreamConnectionInfo, UpstreamHost } from './upstream/contract.ts';

/** Short names of the response flags, as they are printed. */
export type ResponseFlag =
  | 'LH'
  | 'UH'
  | 'UT'
  | 'LR'
  | 'UR'
  | 'UF'
  | 'UC'
  | 'UO'
  | 'NR'
  | 'DI'
  | 'FI'
  | 'RL'
  | 'UAEX'
  | 'RLSE'
  | 'DC'
  | 'URX'
  | 'SI'
  | 'IH'
  | 'DPE'
  | 'UMSDR'
  | 'RFCF'
  | 'NFCF'
  | 'DT'
  | 'UPE'
  | 'NC'
  | 'OM'
  | 'DF'
  | 'DO'
  | 'DR'
  | 'UDO';

/** What TLS said of the downstream connection. */
export interface DownstreamTls {
  readonly version: string;
  readonly sni: string;
  readonly alpn: string;
  /** Of the client's certificate; "" and [] without one. */
  readonly peerPresented: boolean;
  readonly peerSubject: string;
  readonly peerIssuer?: string;
  readonly peerUriSans: readonly string[];
  readonly peerDnsSans: readonly string[];
  readonly localUriSans: readonly string[];
  readonly localSubject: string;
  /** SHA-256 of the DER, hexadecimal. */
  readonly peerFingerprint: string;
  /** PEM of the leaf and of the whole chain. */
  readonly peerCertificate: string;
  readonly peerChain: string;
}

/** One attempt upstream, for the router's upstream log. */
export interface UpstreamTry {
  host: UpstreamHost | undefined;
  status: number;
  flags: readonly ResponseFlag[];
}

export const NO_FLAGS: readonly ResponseFlag[] = [];

export class StreamInfo {
  readonly kind: 'http' | 'tcp';
  /** Virtual time of the first byte. */
  readonly startTime: Micros;
  endTime: Micros = 0;
  /** The proxy's node and what it is to the traffic. */
  readonly node: string;
  readonly direction: 'inbound' | 'outbound' | 'unspecified';
  readonly listener: string;
  readonly connectionId: number;
  readonly downstreamLocal: SocketAddress;
  readonly downstreamRemote: SocketAddress;
  tls: DownstreamTls | undefined;
  requestedServerName = '';
  downstreamTransportFailure = '';

  protocol = '';
  requestId = 0;
  requestHeaders: HeaderMap | undefined = undefined;
  responseHeaders: HeaderMap | undefined = undefined;
  responseTrailers: HeaderMap | undefined = undefined;
  status = 0;
  details = '';
  flags: readonly ResponseFlag[] = NO_FLAGS;
  terminationDetails = '';
  bytesReceived = 0;
  bytesSent = 0;
  requestHeadersBytes = 0;
  responseHeadersBytes = 0;
  /** When the whole request was there; -1 before. */
  requestEndTime: Micros = -1;
  upstreamFirstByteTime: Micros = -1;
  responseFirstByteTime: Micros = -1;

  /** The route object of the configuration and what names it in logs. */
  route: object | undefined = undefined;
  routeName = '';
  virtualHostName = '';
  virtualCluster = '';
  cluster = '';
  clusterResource: object | undefined = undefined;
  upstreamHost: UpstreamHost | undefined = undefined;
  upstreamConnection: UpstreamConnectionInfo | undefined = undefined;
  upstreamTransportFailure = '';
  attempts = 0;
  tries: UpstreamTry[] | undefined = undefined;
  grpcStatus = '';
  isGrpc = false;

  dynamicMetadata: Record<string, Record<string, unknown>> | undefined = undefined;
  filterState: Map<string, unknown> | undefined = undefined;
  /** What the peers said of themselves (istio.metadata_exchange). */
  downstreamPeer: PeerMetadata | undefined = undefined;
  upstreamPeer: PeerMetadata | undefined = undefined;
  /** x-forwarded-for or the peer's address, after use_remote_address and the like. */
  remoteAddress: string;

  constructor(
    kind: 'http' | 'tcp',
    startTime: Micros,
    where: { node: string; direction: StreamInfo['direction']; listener: string },
    connection: {
      id: number;
      local: SocketAddress;
      remote: SocketAddress;
      tls: DownstreamTls | undefined;
      serverName: string;
    },
  ) {
    this.kind = kind;
    this.startTime = startTime;
    this.node = where.node;
    this.direction = where.direction;
    this.listener = where.listener;
    this.connectionId = connection.id;
    this.downstreamLocal = connection.local;
    this.downstreamRemote = connection.remote;
    this.tls = connection.tls;
    this.requestedServerName = connection.serverName;
    this.remoteAddress = connection.remote.ip;
  }

  /** Flags are kept in the order in which they are set, each once. */
  setFlag(flag: ResponseFlag): void {
    if (!this.flags.includes(flag)) this.flags = [...this.flags, flag];
  }

  hasFlag(flag: ResponseFlag): boolean {
    return this.flags.includes(flag);
  }

  setMetadata(namespace: string, values: Readonly<Record<string, unknown>>): void {
    this.dynamicMetadata ??= {};
    this.dynamicMetadata[namespace] = { ...this.dynamicMetadata[namespace], ...values };
  }
}

/** "URX,UF", or "-". */
export function flagsText(flags: readonly ResponseFlag[]): string {
  return flags.length === 0 ? '-' : flags.join(',');
}
