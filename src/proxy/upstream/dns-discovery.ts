/**
 * Models clusters whose hosts are names: they are looked up at first and again every so often.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/service_discovery#strict-dns
 * Simplified: a lookup answers at once; LOGICAL_DNS replaces its host when the first address changes.
 */
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type { ClusterStats } from './cluster-stats.ts';
import type { Assignment } from './endpoint-assignment.ts';
import type { HostDescription } from './host.ts';
import type { Membership } from './membership.ts';

/** Addresses of a name; empty when it has none, undefined when nobody answers. */
export type DnsLookup = (name: string) => readonly string[] | undefined;

const ADDRESS = /^[\d.]+$|:/;

export class DnsDiscovery {
  readonly #simulation: Simulation;
  readonly #config: ClusterConfig;
  readonly #stats: ClusterStats;
  readonly #membership: Membership;
  readonly #lookup: DnsLookup;
  readonly #named: Assignment;
  #timer: TimerHandle = NO_TIMER;
  /** Endpoints by name and port, as last resolved: a failing lookup keeps them. */
  readonly #resolved = new Map<HostDescription, HostDescription[]>();

  constructor(
    simulation: Simulation,
    config: ClusterConfig,
    stats: ClusterStats,
    membership: Membership,
    lookup: DnsLookup,
    named: Assignment,
  ) {
    this.#simulation = simulation;
    this.#config = config;
    this.#stats = stats;
    this.#membership = membership;
    this.#lookup = lookup;
    this.#named = named;
  }

  /** Looks all names up now, and again later. */
  refresh(): void {
    for (const endpoint of this.#named.hosts) this.#resolve(endpoint);
    this.#membership.apply({
      ...this.#named,
      hosts: this.#named.hosts.flatMap((endpoint) => this.#resolved.get(endpoint) ?? []),
    });
    this.#timer = this.#simulation.schedule(this.#config.dnsRefreshUs, refresh, this, undefined);
  }

  close(): void {
    this.#simulation.cancel(this.#timer);
  }

  #resolve(endpoint: HostDescription): void {
    const { ip: name, port } = endpoint.socket;
    this.#stats.counter('update_attempt').inc();
    const addresses = ADDRESS.test(name) ? [name] : this.#lookup(name);
    if (!addresses) {
      this.#stats.counter('update_failure').inc();
      return;
    }
    this.#stats.counter('update_success').inc();
    if (addresses.length === 0) this.#stats.counter('update_empty').inc();
    const used = this.#config.discovery === 'LOGICAL_DNS' ? addresses.slice(0, 1) : addresses;
    this.#resolved.set(
      endpoint,
      used.map((ip) => ({
        ...endpoint,
        socket: { ip, port },
        hostname: endpoint.hostname || name,
      })),
    );
  }
}

function refresh(discovery: DnsDiscovery): void {
  discovery.refresh();
}

/** What every machine knows without asking. */
export const LOCAL_LOOKUP: DnsLookup = (name) => (name === 'localhost' ? ['127.0.0.1'] : undefined);
