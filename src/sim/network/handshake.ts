/**
 * Models how a connection opens: SYN, the way it takes through nat and kube-proxy, and the answer.
 *
 * Spec: RFC 9293, section 3.5; Linux' tcp_syn_retries. Simplified: across a partition an attempt is
 * repeated after 1, 2, 4 … s and given up after 127 s.
 */
import { SECOND, type Micros } from '../time.ts';
import type { SocketAddress } from './address.ts';
import { ConnectionEnd, type ConnectFailure } from './connection.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Network } from './network.ts';

const SYN_RETRIES = 7;

export interface OpeningConnection {
  readonly client: ConnectionEnd;
  /** Where the client wants to go. */
  readonly target: SocketAddress;
  /** Where iptables sends it inside the client's own namespace; else the target. */
  readonly destination: SocketAddress;
  /** iptables has changed the destination: kube-proxy's rules come after, and do not match. */
  readonly isTranslated: boolean;
}

interface Attempt extends OpeningConnection {
  readonly network: Network;
  retriesLeft: number;
  waitUs: Micros;
}

/** The SYN on its way to a namespace. */
interface Arrival {
  readonly attempt: Attempt;
  readonly server: NetworkNamespace;
  readonly destination: SocketAddress;
}

/** The client's handler hears `onConnected` or `onConnectFailed`, not before this returns. */
export function openConnection(network: Network, opening: OpeningConnection): void {
  sendSyn({ ...opening, network, retriesLeft: SYN_RETRIES, waitUs: SECOND });
}

function sendSyn(attempt: Attempt): void {
  const { network, client } = attempt;
  const { simulation } = network;
  if (client.state !== 'connecting') return;
  const destination = translated(attempt);
  if (destination === 'refused') {
    simulation.schedule(0, fail, client, 'refused');
    return;
  }
  const isLoopback = destination.ip.startsWith('127.') || destination.ip === '::1';
  const server = isLoopback ? client.namespace : network.namespaceAt(destination.ip);
  if (!server) {
    simulation.schedule(network.distances.unreachableAfterUs, fail, client, 'unreachable');
    return;
  }
  const link = network.link(client.namespace, server);
  if (link.condition.partitioned) {
    sendSynLater(attempt);
    return;
  }
  client.link = link;
  const arrival: Arrival = { attempt, server, destination };
  simulation.schedule(link.transitUs(simulation.now, 0), accept, network, arrival);
}

/** Each attempt asks kube-proxy anew: a retry may go to another backend. */
function translated(attempt: Attempt): SocketAddress | 'refused' {
  const { network, client, target, destination, isTranslated } = attempt;
  if (isTranslated) return destination;
  return network.translateService?.(client.namespace, target) ?? destination;
}

function sendSynLater(attempt: Attempt): void {
  if (attempt.retriesLeft === 0) {
    fail(attempt.client, 'timed-out');
    return;
  }
  attempt.retriesLeft -= 1;
  attempt.network.simulation.schedule(attempt.waitUs, sendSyn, attempt, undefined);
  attempt.waitUs *= 2;
}

/** The SYN has arrived at the server's namespace. */
function accept(network: Network, { attempt, server, destination }: Arrival): void {
  const { client, target, isTranslated } = attempt;
  if (client.state !== 'connecting') return;
  const back = network.link(server, client.namespace);
  if (back.condition.partitioned) {
    sendSynLater(attempt);
    return;
  }
  const isRemote = server !== client.namespace;
  const redirected = isRemote ? server.nat?.redirectInbound(destination, client.local) : undefined;
  const local = redirected === undefined ? destination : { ip: server.ip, port: redirected };
  const socket = server.socketAt(local);
  if (!socket) {
    const { simulation } = network;
    simulation.schedule(back.transitUs(simulation.now, 0), fail, client, 'refused');
    return;
  }
  const end = new ConnectionEnd(
    network,
    client.id,
    server,
    socket.owner,
    { local, remote: client.local, originalDestination: isTranslated ? target : destination },
    back,
    client.handler,
  );
  end.peer = client;
  end.state = 'open';
  client.peer = end;
  server.remember(end);
  end.acknowledge();
  end.handler = socket.acceptor(end);
  end.handler.onConnected(end);
}

function fail(client: ConnectionEnd, reason: ConnectFailure): void {
  if (client.state !== 'connecting') return;
  client.state = 'closed';
  client.namespace.forget(client);
  client.handler.onConnectFailed(client, reason);
}
