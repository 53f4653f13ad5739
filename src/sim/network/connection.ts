/**
 * Models one TCP connection: two ends, messages in order, FIN and RST.
 *
 * What flows is whole messages (a TLS hello, an HTTP request, a chunk of bytes), not segments; the
 * network does not look into them.
 *
 * Spec: RFC 9293. Simplified: no half-open state after a partition; no flow control.
 */
import type { Simulation } from '../simulation.ts';
import type { Micros } from '../time.ts';
import { addressText, type SocketAddress } from './address.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';

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

export class ConnectionEnd {
  readonly id: number;
  readonly namespace: NetworkNamespace;
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
  readonly #simulation: Simulation;
  #arrivesLast: Micros = 0;
  /** Messages and endings that wait for a partition to heal, in order. */
  #held: { message: WireMessage | undefined; bytes: number; how: CloseKind }[] = [];

  constructor(
    simulation: Simulation,
    id: number,
    namespace: NetworkNamespace,
    addresses: { local: SocketAddress; remote: SocketAddress; originalDestination: SocketAddress },
    link: Link,
    handler: ConnectionHandler,
  ) {
    this.#simulation = simulation;
    this.id = id;
    this.namespace = namespace;
    this.local = addresses.local;
    this.remote = addresses.remote;
    this.originalDestination = addresses.originalDestination;
    this.link = link;
    this.handler = handler;
  }

  /** Sends a message; it arrives in order, after the link's delay. Ignored on a closed end. */
  write(message: WireMessage, bytes = 0): void {
    if (this.state !== 'open') return;
    if (this.link.condition.partitioned || this.#held.length > 0) {
      this.#held.push({ message, bytes, how: 'fin' });
      return;
    }
    this.#simulation.schedule(this.#delayUs(bytes), deliverMessage, this.peer, message);
  }

  /** Closes in order: what was written before still arrives, then the peer sees "fin". */
  close(): void {
    this.#end('fin');
  }

  /** Aborts: the peer sees "reset" as soon as the link allows. */
  reset(): void {
    this.#end('reset');
  }

  /** Sends what a partition held back. Called by the network when the link heals. */
  releaseHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const { message, bytes, how } of held) {
      if (message)
        this.#simulation.schedule(this.#delayUs(bytes), deliverMessage, this.peer, message);
      else this.#simulation.schedule(this.#delayUs(0), deliverEnd, this.peer, how);
    }
  }

  get hasHeld(): boolean {
    return this.#held.length > 0;
  }

  toString(): string {
    return `#${this.id} ${addressText(this.local)} -> ${addressText(this.remote)}`;
  }

  #end(how: CloseKind): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.namespace.forget(this);
    if (!this.peer) return;
    if (this.link.condition.partitioned || this.#held.length > 0)
      this.#held.push({ message: undefined, bytes: 0, how });
    else this.#simulation.schedule(this.#delayUs(0), deliverEnd, this.peer, how);
  }

  /** The delay of the next message, stretched so that it does not overtake the one before. */
  #delayUs(bytes: number): Micros {
    const now = this.#simulation.now;
    const arrives = Math.max(now + this.link.transitUs(now, bytes), this.#arrivesLast);
    this.#arrivesLast = arrives;
    return arrives - now;
  }
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
