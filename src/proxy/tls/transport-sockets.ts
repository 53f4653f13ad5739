/**
 * Models the choice of a transport socket for a host: the first of transport_socket_matches whose
 * match the host's metadata meets, else the cluster's own, else plain text. Auto mTLS is this.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#config-cluster-v3-cluster-transportsocketmatch
 * Simplified: a PROXY protocol socket sends no header; what it wraps is used.
 */
import { Message } from '../config/message.ts';
import { sameJson } from '../upstream/same-json.ts';
import type {
  ClientTransport,
  HostOfTransport,
  PoolTransport,
} from '../upstream/transport-socket.ts';
import { ClientTlsContext } from './client-tls.ts';
import type { TlsSurroundings } from './tls-context.ts';

const TLS = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
const NAMESPACE = 'envoy.transport_socket_match';

interface Candidate {
  readonly name: string;
  readonly criteria: readonly (readonly [string, unknown])[];
  readonly tls: ClientTlsContext | undefined;
}

export class TransportSockets {
  readonly #candidates: Candidate[] = [];

  /** `statPrefix`: "cluster.NAME.". */
  constructor(cluster: Message, surroundings: TlsSurroundings, statPrefix: string) {
    const tlsOf = (socket: Message | undefined) => clientTls(socket, surroundings, statPrefix);
    for (const entry of cluster.messages('transport_socket_matches'))
      this.#candidates.push({
        name: entry.text('name'),
        criteria: Object.entries(entry.messageOrEmpty('match').json),
        tls: tlsOf(entry.message('transport_socket')),
      });
    this.#candidates.push({
      name: 'default',
      criteria: [],
      tls: tlsOf(cluster.message('transport_socket')),
    });
  }

  /** The transport for a pool of this host; undefined is plain text. */
  forHost(host: HostOfTransport, pool: PoolTransport): ClientTransport | undefined {
    const metadata = (host.metadata[NAMESPACE] ?? {}) as Readonly<Record<string, unknown>>;
    const meets = ([key, value]: readonly [string, unknown]) => sameJson(metadata[key], value);
    const chosen = this.#candidates.find(({ criteria }) => criteria.every(meets));
    return chosen?.tls?.transport({
      alpn: pool.alpn,
      alpnFallback: FALLBACKS[pool.protocol],
      serverName: pool.serverName,
      mustCarryServerName: pool.mustCarryServerName,
    });
  }

  close(): void {
    for (const { tls } of this.#candidates) tls?.close();
  }
}

const FALLBACKS: Readonly<Record<PoolTransport['protocol'], readonly string[]>> = {
  http1: ['http/1.1'],
  http2: ['h2'],
  auto: ['h2', 'http/1.1'],
  tcp: [],
};

function clientTls(
  socket: Message | undefined,
  surroundings: TlsSurroundings,
  statPrefix: string,
): ClientTlsContext | undefined {
  const config = socket?.any('typed_config');
  if (!config) return undefined;
  if (config.type === TLS) return new ClientTlsContext(config.message, surroundings, statPrefix);
  return clientTls(config.message.message('transport_socket'), surroundings, statPrefix);
}
