/**
 * Models one TCP connection: two ends, messages in order, FIN and RST.
 *
 * What flows is whole messages (a TLS hello, an HTTP request, a chunk of bytes), not segments; the
 * network does not look into them.
 *
 * Spec: RFC 9293. Simplified: no half-open state after a partition; no flow control. An end holds at
 * most 65,536 messages back during a partition; then it gives up, as TCP's user timeout would.
 */
import type { Micros } from '../time.ts';
import { addressText, type SocketAddress } from './address.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace, SocketOwner } from './namespace.ts';
import type { Network } from './network.ts';

/** Anything that travels over a connection. Rooms above narrow it by `type`. */
export interface WireMessage {
  readonly type: string;
}

/** Why a connection never came to be. */
export type ConnectFailure = 'refused' | 'unreachable' | 'timed-out';

/** How the other side ended a connection. */
export type CloseKind = 'fin' | 'reset';

/** What one side of a connection does when something happens on it. */
export interface ConnectionHandler {
  /** The handshake is complete: this side may write. */
  onConnected(end: ConnectionEnd): void;
  /** Only on the side that connects. The end is dead. */
  onConnectFailed(end: ConnectionEnd, reason: ConnectFailure): void;
  onMessage(end: ConnectionEnd, message: WireMessage): void;
  /** The other side closed. After "fin" this side may still write; the end is closed by `close`. */
  onClosed(end: ConnectionEnd, how: CloseKind): void;
}

export type EndState = 'connecting' | 'open' | 'closed';

const HELD_MAX = 65_536;

/** A message, or an ending, that waits for a partition to heal. */
interface Held {
  readonly message: WireMessage | undefined;
  readonly bytes: number;
  readonly how: CloseKind;
}

export class ConnectionEnd {
  readonly id: number;
  readonly namespace: NetworkNamespace;
  /** Who holds this end. */
  readonly side: SocketOwner;
  readonly local: SocketAddress;
  /** The peer's address as this side sees it. */
  readonly remote: SocketAddress;
  /**
   * Where the client wanted to go before iptables redirected it (SO_ORIGINAL_DST); equal to `local`
   * on a server's end that nobody redirected.
   */
  readonly originalDestination: SocketAddress;
  handler: ConnectionHandler;
  /** For the owner's use: what this connection means to it. */
  owner: unknown = undefined;
  /** The other end; undefined until the handshake has reached it. */
  peer: ConnectionEnd | undefined = undefined;
  state: EndState = 'connecting';
  /** The direction from here to there. */
  link: Link;
  readonly #network: Network;
  /** When what was sent last arrives: nothing sent later overtakes it. */
  #arrivesLast: Micros = 0;
  /** In order. Undefined, so that the hot path tests one field, while nothing is held. */
  #held: Held[] | undefined = undefined;

  constructor(
    network: Network,
    id: number,
    namespace: NetworkNamespace,
    side: SocketOwner,
    addresses: { local: SocketAddress; remote: SocketAddress; originalDestination: SocketAddress },
    link: Link,
    handler: ConnectionHandler,
  ) {
    this.#network = network;
    this.id = id;
    this.namespace = namespace;
    this.side = side;
    this.local = addresses.local;
    this.remote = addresses.remote;
    this.originalDestination = addresses.originalDestination;
    this.link = link;
    this.handler = handler;
  }

  /** Sends a message; it arrives in order, after the link's delay. Ignored on a closed end. */
  write(message: WireMessage, bytes = 0): void {
    if (this.state !== 'open') return;
    if (this.#held !== undefined || this.link.condition.partitioned)
      this.#hold({ message, bytes, how: 'fin' });
    else this.#send(message, bytes);
  }

  /** Closes in order: what was written before still arrives, then the peer sees "fin". */
  close(): void {
    this.#end('fin');
  }

  /** Aborts: the peer sees "reset" as soon as the link allows. */
  reset(): void {
    this.#end('reset');
  }

  /** Sends what a partition held back. Called by the network when the link has healed. */
  releaseHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { message, bytes, how } of held) {
      if (message) this.#send(message, bytes);
      else this.#sendEnd(how);
    }
  }

  /** The server's SYN-ACK: what the server writes afterwards arrives after it. */
  acknowledge(): void {
    this.#network.simulation.schedule(this.#delayUs(0), establish, this.peer, undefined);
  }

  toString(): string {
    return `#${this.id} ${addressText(this.local)} -> ${addressText(this.remote)}`;
  }

  #end(how: CloseKind): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.namespace.forget(this);
    if (!this.peer) return;
    if (this.#held !== undefined || this.link.condition.partitioned)
      this.#hold({ message: undefined, bytes: 0, how });
    else this.#sendEnd(how);
  }

  #send(message: WireMessage, bytes: number): void {
    const { simulation, onTransit } = this.#network;
    const delay = this.#delayUs(bytes);
    if (onTransit !== undefined) onTransit(this, message, simulation.now, simulation.now + delay);
    simulation.schedule(delay, deliverMessage, this.peer, message);
  }

  #sendEnd(how: CloseKind): void {
    this.#network.simulation.schedule(this.#delayUs(0), deliverEnd, this.peer, how);
  }

  #hold(held: Held): void {
    if (this.#held === undefined) {
      this.#held = [];
      this.#network.rememberHeld(this);
    }
    if (this.#held.length < HELD_MAX || !held.message) {
      this.#held.push(held);
      return;
    }
    this.#network.simulation.schedule(0, tellOwner, this, 'reset');
    this.reset();
  }

  /** The delay of the next message, stretched so that it does not overtake the one before. */
  #delayUs(bytes: number): Micros {
    const now = this.#network.simulation.now;
    const arrives = Math.max(now + this.link.transitUs(now, bytes), this.#arrivesLast);
    this.#arrivesLast = arrives;
    return arrives - now;
  }
}

function establish(client: ConnectionEnd | undefined): void {
  if (client?.state !== 'connecting') return;
  client.state = 'open';
  client.handler.onConnected(client);
}

function tellOwner(end: ConnectionEnd, how: CloseKind): void {
  end.handler.onClosed(end, how);
}

function deliverMessage(end: ConnectionEnd | undefined, message: WireMessage): void {
  if (end && end.state === 'open') end.handler.onMessage(end, message);
}

function deliverEnd(end: ConnectionEnd | undefined, how: CloseKind): void {
  if (!end || end.state === 'closed') return;
  if (how === 'reset') {
    end.state = 'closed';
    end.namespace.forget(end);
  }
  end.handler.onClosed(end, how);
}
