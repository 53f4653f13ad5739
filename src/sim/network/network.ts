/**
 * Models the network between namespaces: who can reach whom, and how long it takes.
 *
 * Simplified: a kube-proxy in each node is one function for all.
 */
import type { Simulation } from '../simulation.ts';
import { MS, SECOND, type Micros } from '../time.ts';
import type { SocketAddress } from './address.ts';
import { ConnectionEnd, type ConnectionHandler, type WireMessage } from './connection.ts';
import { openConnection } from './handshake.ts';
import { Link, type LinkCondition } from './link.ts';
import { NetworkNamespace, type SocketOwner } from './namespace.ts';

/** One-way delays by how far apart two namespaces are. */
export interface NetworkDistances {
  sameNamespaceUs: Micros;
  sameNodeUs: Micros;
  sameZoneUs: Micros;
  sameRegionUs: Micros;
  otherRegionUs: Micros;
  /** How long until a connection to an address that nobody has fails (neighbour discovery). */
  unreachableAfterUs: Micros;
}

/** Typical figures of a cloud region: 25 µs on a machine, 0.25 ms in a zone, 0.75 ms across zones. */
export const DEFAULT_DISTANCES: NetworkDistances = {
  sameNamespaceUs: 10,
  sameNodeUs: 25,
  sameZoneUs: 250,
  sameRegionUs: 750,
  otherRegionUs: 30 * MS,
  unreachableAfterUs: 3 * SECOND,
};

/** Changes what `condition` a link gets; rules apply in the order in which they were added. */
export type LinkRule = (
  from: NetworkNamespace,
  to: NetworkNamespace,
  condition: LinkCondition,
) => void;

/** Service addresses → a backend, as kube-proxy does. Undefined: the address is not a service's. */
export type ServiceTranslation = (
  from: NetworkNamespace,
  to: SocketAddress,
) => SocketAddress | 'refused' | undefined;

/** Hears of each message when it is sent: from which end, when it leaves and when it arrives. */
export type TransitObserver = (
  end: ConnectionEnd,
  message: WireMessage,
  departUs: Micros,
  arriveUs: Micros,
) => void;

export class Network {
  readonly simulation: Simulation;
  readonly distances: NetworkDistances;
  translateService: ServiceTranslation | undefined = undefined;
  /** For whoever draws messages on their way; changes nothing that happens. */
  onTransit: TransitObserver | undefined = undefined;
  readonly #byIp = new Map<string, NetworkNamespace>();
  readonly #links = new Map<NetworkNamespace, Map<NetworkNamespace, Link>>();
  readonly #rules: LinkRule[] = [];
  /** Ends that hold something back, also closed ones that their namespace has forgotten. */
  readonly #holding = new Set<ConnectionEnd>();
  #nextConnectionId = 1;

  constructor(simulation: Simulation, distances: Partial<NetworkDistances> = {}) {
    this.simulation = simulation;
    this.distances = { ...DEFAULT_DISTANCES, ...distances };
  }

  /** A new namespace with the given addresses, which must be free. */
  attach(options: {
    name: string;
    ips: readonly string[];
    region?: string;
    zone?: string;
    node?: string;
  }): NetworkNamespace {
    const namespace = new NetworkNamespace(this, {
      name: options.name,
      ips: options.ips,
      region: options.region ?? '',
      zone: options.zone ?? '',
      node: options.node ?? options.name,
    });
    for (const ip of options.ips) {
      this.simulation.assert(!this.#byIp.has(ip), `${options.name}: ${ip} is already taken`);
      this.#byIp.set(ip, namespace);
    }
    return namespace;
  }

  /** Takes a namespace away; its addresses are free again. Connections must have been shut down. */
  detach(namespace: NetworkNamespace): void {
    for (const ip of namespace.ips) if (this.#byIp.get(ip) === namespace) this.#byIp.delete(ip);
    this.#links.delete(namespace);
    for (const row of this.#links.values()) row.delete(namespace);
    // What waits to reach it would be dropped there; a machine that is off sends nothing any more.
    for (const end of [...this.#holding])
      if (end.peer!.namespace === namespace || (end.namespace === namespace && !namespace.up))
        this.#holding.delete(end);
  }

  namespaceAt(ip: string): NetworkNamespace | undefined {
    return this.#byIp.get(ip);
  }

  /** Adds a rule for links; the returned function takes it away. Applies to open connections too. */
  addLinkRule(rule: LinkRule): () => void {
    this.#rules.push(rule);
    this.refreshLinks();
    return () => {
      const at = this.#rules.indexOf(rule);
      if (at >= 0) this.#rules.splice(at, 1);
      this.refreshLinks();
    };
  }

  /** Works out the condition of every link again, and lets go what waited for one to heal. */
  refreshLinks(): void {
    for (const [from, row] of this.#links)
      for (const [to, link] of row) link.condition = this.#condition(from, to);
    for (const end of [...this.#holding]) {
      // A detached namespace has no row of links any more; what it sent last still travels.
      end.link.condition = this.#condition(end.namespace, end.peer!.namespace);
      if (end.link.condition.partitioned) continue;
      this.#holding.delete(end);
      end.releaseHeld();
    }
  }

  /** How many ends wait for a partition to heal. */
  get holdingCount(): number {
    return this.#holding.size;
  }

  /** Called by an end when a partition makes it hold something back. */
  rememberHeld(end: ConnectionEnd): void {
    this.#holding.add(end);
  }

  /** The link from one namespace to another, shared by all their connections. */
  link(from: NetworkNamespace, to: NetworkNamespace): Link {
    let row = this.#links.get(from);
    if (!row) this.#links.set(from, (row = new Map()));
    let link = row.get(to);
    if (!link) {
      link = new Link(this.#condition(from, to), () =>
        this.simulation.random(`network/${from.name}>${to.name}`),
      );
      row.set(to, link);
    }
    return link;
  }

  /** See NetworkNamespace.connect. */
  connect(
    from: NetworkNamespace,
    to: SocketAddress,
    handler: ConnectionHandler,
    options: { owner?: SocketOwner; source?: string },
  ): ConnectionEnd {
    const owner = options.owner ?? 'application';
    const local = { ip: options.source ?? from.ip, port: from.ephemeralPort() };
    const redirected = from.ips.includes(to.ip)
      ? from.nat?.redirectLocal?.(to, local.ip, owner)
      : owner === 'application'
        ? from.nat?.redirectOutbound(to)
        : undefined;
    const client = new ConnectionEnd(
      this,
      this.#nextConnectionId++,
      from,
      owner,
      { local, remote: to, originalDestination: to },
      this.link(from, from),
      handler,
    );
    from.remember(client);
    openConnection(this, {
      client,
      target: to,
      destination: redirected === undefined ? to : { ip: from.ip, port: redirected },
      isTranslated: redirected !== undefined,
    });
    return client;
  }

  #condition(from: NetworkNamespace, to: NetworkNamespace): LinkCondition {
    const condition: LinkCondition = {
      latencyUs: this.#distanceUs(from, to),
      jitterUs: 0,
      lossPerMillion: 0,
      partitioned: false,
      bandwidth: 0,
    };
    for (const rule of this.#rules) rule(from, to, condition);
    if (!from.up || !to.up) condition.partitioned = true;
    return condition;
  }

  #distanceUs(from: NetworkNamespace, to: NetworkNamespace): Micros {
    const d = this.distances;
    if (from === to) return d.sameNamespaceUs;
    if (from.node === to.node) return d.sameNodeUs;
    if (from.region !== to.region) return d.otherRegionUs;
    return from.zone === to.zone ? d.sameZoneUs : d.sameRegionUs;
  }
}
