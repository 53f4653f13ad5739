/**
 * Models the load balancer of ORIGINAL_DST clusters: the request goes where its client wanted to go.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/original_dst
 */
import { addressText, sameAddress, type SocketAddress } from '../../sim/network/address.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import type { LoadBalancerContext } from '../upstream/contract.ts';
import { NO_LOCALITY, type Host, type HostDescription } from '../upstream/host.ts';
import {
  durationUs,
  flag,
  messageOrEmpty,
  number,
  text,
  type Json,
} from '../upstream/proto-json.ts';
import type { LoadBalancer } from './load-balancer.ts';

/** The hosts that came to be by being asked for. */
export interface HostsOnDemand {
  hostAt(address: string): Host | undefined;
  addHost(description: HostDescription): Host;
  /** Makes sure that unused hosts are looked for, some time. */
  scheduleCleanUp(): void;
}

export interface OriginalDstOptions {
  /** Lower case; undefined when no header may say where to go. */
  readonly header: string | undefined;
  readonly portOverride: number | undefined;
  readonly cleanUpUs: Micros;
}

/** Longer would outlast any run. */
const CLEAN_UP_MAX_US = 1_000_000 * SECOND;

export function originalDstOptions(resource: Json): OriginalDstOptions {
  const config = messageOrEmpty(resource['original_dst_lb_config']);
  const named = text(config['http_header_name']).toLowerCase();
  return {
    header: flag(config['use_http_header']) ? named || 'x-envoy-original-dst-host' : undefined,
    portOverride: number(config['upstream_port_override'], 0) || undefined,
    cleanUpUs: Math.min(durationUs(resource['cleanup_interval'], 5 * SECOND), CLEAN_UP_MAX_US),
  };
}

export class OriginalDst implements LoadBalancer {
  readonly #hosts: HostsOnDemand;
  readonly #options: OriginalDstOptions;
  readonly #count: (statistic: string) => void;
  /** A connection's destination as text: joined once for all of its requests. */
  readonly #addresses = new WeakMap<SocketAddress, string>();

  constructor(
    hosts: HostsOnDemand,
    options: OriginalDstOptions,
    count: (statistic: string) => void,
  ) {
    this.#hosts = hosts;
    this.#options = options;
    this.#count = count;
  }

  chooseHost(context: LoadBalancerContext): Host | undefined {
    const wanted = this.#destination(context);
    if (!wanted) return undefined;
    const known = this.#hosts.hostAt(this.#addressOf(wanted));
    if (known) return known;
    this.#hosts.scheduleCleanUp();
    return this.#hosts.addHost({
      socket: this.#socketFor(wanted),
      hostname: '',
      locality: NO_LOCALITY,
      priority: 0,
      weight: 1,
      metadata: {},
      edsFlags: 0,
      healthCheckPort: undefined,
      healthCheckHostname: '',
      isHealthCheckDisabled: true,
    });
  }

  #addressOf(wanted: SocketAddress): string {
    let address = this.#addresses.get(wanted);
    if (address === undefined)
      this.#addresses.set(wanted, (address = addressText(this.#socketFor(wanted))));
    return address;
  }

  #socketFor({ ip, port }: SocketAddress): SocketAddress {
    return { ip, port: this.#options.portOverride ?? port };
  }

  #destination(context: LoadBalancerContext): SocketAddress | undefined {
    const { header } = this.#options;
    const value = header === undefined ? undefined : context.requestHeaders.get(header);
    if (value !== undefined) {
      const socket = socketOfText(value);
      if (!socket) this.#count('original_dst_host_invalid');
      return socket;
    }
    const connection = context.downstreamConnection;
    if (!connection) return undefined;
    // A connection that nobody redirected has no other destination than this proxy.
    const { local, originalDestination } = connection;
    return sameAddress(local, originalDestination) ? undefined : originalDestination;
  }
}

const HOST_AND_PORT = /^(?:(\d{1,3}(?:\.\d{1,3}){3})|\[([0-9a-fA-F:.]+)\]):(\d{1,5})$/;

function socketOfText(address: string): SocketAddress | undefined {
  const match = HOST_AND_PORT.exec(address);
  if (!match) return undefined;
  return { ip: match[1] ?? match[2]!, port: Number(match[3]) };
}
