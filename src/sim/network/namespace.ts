/**
 * Models a network namespace: what a pod has. An address, listening sockets, the nat rules that
 * istio-init writes, and the connections that are open.
 */
import type { SocketAddress } from './address.ts';
import type { ConnectionEnd, ConnectionHandler } from './connection.ts';
import type { Network } from './network.ts';

/** Who opens a socket: istio-init exempts the proxy (uid 1337) from redirection. */
export type SocketOwner = 'application' | 'proxy';

/** The nat table, as far as a mesh uses it. Both answer undefined for "leave it alone". */
export interface NatRules {
  /** OUTPUT: the local port to which a connection that the application opens is redirected. */
  redirectOutbound(to: SocketAddress): number | undefined;
  /** OUTPUT over lo: the same for what is opened to an address of the pod itself. */
  redirectLocal?(to: SocketAddress, source: string, owner: SocketOwner): number | undefined;
  /** PREROUTING: the local port to which a connection that arrives is redirected. */
  redirectInbound(to: SocketAddress, from: SocketAddress): number | undefined;
}

/** Called for each connection that arrives; gives the handler of the new end. */
export type Acceptor = (end: ConnectionEnd) => ConnectionHandler;

/** A listening socket. */
export interface ListeningSocket {
  readonly acceptor: Acceptor;
  readonly owner: SocketOwner;
}

export class NetworkNamespace {
  readonly network: Network;
  /** For people: "productpage-v1-abc.default". */
  readonly name: string;
  readonly ips: readonly string[];
  /** Failure domains, from wide to narrow: decide the default link. */
  readonly region: string;
  readonly zone: string;
  readonly node: string;
  nat: NatRules | undefined = undefined;
  readonly #listeners = new Map<string, ListeningSocket>();
  readonly #connections = new Set<ConnectionEnd>();
  #nextEphemeralPort = 32_768;
  #up = true;

  constructor(
    network: Network,
    options: { name: string; ips: readonly string[]; region: string; zone: string; node: string },
  ) {
    this.network = network;
    this.name = options.name;
    this.ips = options.ips;
    this.region = options.region;
    this.zone = options.zone;
    this.node = options.node;
  }

  get ip(): string {
    return this.ips[0] ?? '0.0.0.0';
  }

  /** Down: packets from and to it vanish (the machine is off); its connections stall. */
  get up(): boolean {
    return this.#up;
  }

  set up(up: boolean) {
    if (up === this.#up) return;
    this.#up = up;
    this.network.refreshLinks();
  }

  /** Listens on a port of one address or, by default, of all. The returned function closes it. */
  listen(
    port: number,
    acceptor: Acceptor,
    options: { address?: string; owner?: SocketOwner } = {},
  ): () => void {
    const key = `${options.address ?? '0.0.0.0'}:${port}`;
    this.network.simulation.assert(
      !this.#listeners.has(key),
      `${this.name}: ${key} is already in use`,
    );
    const socket: ListeningSocket = { acceptor, owner: options.owner ?? 'application' };
    this.#listeners.set(key, socket);
    return () => {
      if (this.#listeners.get(key) === socket) this.#listeners.delete(key);
    };
  }

  /** Who listens there: a socket of that very address goes before one of all addresses. */
  socketAt({ ip, port }: SocketAddress): ListeningSocket | undefined {
    return this.#listeners.get(`${ip}:${port}`) ?? this.#listeners.get(`0.0.0.0:${port}`);
  }

  isListening(port: number): boolean {
    return this.socketAt({ ip: this.ip, port }) !== undefined;
  }

  /**
   * Opens a connection. The handler hears `onConnected` or `onConnectFailed`. `source` chooses the
   * local address (default: the first); `owner` decides whether nat rules apply.
   */
  connect(
    to: SocketAddress,
    handler: ConnectionHandler,
    options: { owner?: SocketOwner; source?: string } = {},
  ): ConnectionEnd {
    return this.network.connect(this, to, handler, options);
  }

  /** Ends every connection at once and closes all listeners: the processes inside are gone. */
  shutdown(how: 'fin' | 'reset'): void {
    this.#listeners.clear();
    for (const end of [...this.#connections])
      if (how === 'fin') end.close();
      else end.reset();
  }

  get connections(): ReadonlySet<ConnectionEnd> {
    return this.#connections;
  }

  remember(end: ConnectionEnd): void {
    this.#connections.add(end);
  }

  forget(end: ConnectionEnd): void {
    this.#connections.delete(end);
  }

  ephemeralPort(): number {
    const port = this.#nextEphemeralPort;
    this.#nextEphemeralPort = port >= 60_999 ? 32_768 : port + 1;
    return port;
  }
}
