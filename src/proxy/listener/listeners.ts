/**
 * Models Envoy's listener manager: listeners by name, warming until their secrets and routes are
 * there, draining when they are replaced.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/lds
 */
import type { ConnectionEnd, ConnectionHandler } from '../../sim/network/connection.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import { sameJson } from '../upstream/same-json.ts';
import { ConfigError } from '../config/config-error.ts';
import { Message } from '../config/message.ts';
import { ConnectionManager } from '../http/connection-manager.ts';
import { compileListener, type ListenerCompiler } from './compile-listener.ts';
import type { Listener } from './listener.ts';

/** How long connections of a replaced listener may live (Istio's terminationDrainDuration is 5 s). */
const REPLACED_DRAIN_US = 45 * SECOND;

interface Entry {
  active: Listener | undefined;
  warming: Listener | undefined;
  readonly isStatic: boolean;
}

export interface ListenerState extends Readonly<Entry> {
  readonly name: string;
}

export class Listeners {
  readonly #namespace: NetworkNamespace;
  readonly #compiler: ListenerCompiler;
  readonly #entries = new Map<string, Entry>();
  /** "ip:port" of the listeners that bind → how to stop. */
  readonly #bound = new Map<string, () => void>();
  /** "ip:port" → who serves it, also for those that do not bind. */
  readonly #byAddress = new Map<string, Listener>();

  constructor(namespace: NetworkNamespace, compiler: ListenerCompiler) {
    this.#namespace = namespace;
    this.#compiler = compiler;
  }

  /** Listeners of a bootstrap: LDS neither changes nor removes them. Throws ConfigError. */
  addStatic(resources: readonly object[]): void {
    for (const resource of resources) {
      const listener = compileListener(resource, this.#compiler);
      // Of two listeners of one name Envoy drops the second.
      if (this.#entries.has(listener.name)) continue;
      this.#entries.set(listener.name, { active: undefined, warming: listener, isStatic: true });
    }
    this.promoteReady();
  }

  /** The whole of LDS: what is missing is drained, what is unchanged stays. */
  setAll(resources: readonly object[]): string | undefined {
    const compiled = new Map<string, Listener>();
    const errors: string[] = [];
    for (const resource of resources) {
      const name = new Message(resource).text('name');
      const known = this.#entries.get(name);
      const newest = known?.warming ?? known?.active;
      if (newest && (newest.resource === resource || sameJson(newest.resource, resource)))
        compiled.set(name, newest);
      else {
        try {
          compiled.set(name, compileListener(resource, this.#compiler));
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          errors.push(`${name}: ${error.message}`);
        }
      }
    }
    if (errors.length > 0) return `Error adding/updating listener(s) ${errors.join('\n')}`;
    for (const [name, entry] of [...this.#entries])
      if (!entry.isStatic && !compiled.has(name)) this.#remove(name, entry);
    for (const [name, listener] of compiled) this.#put(name, listener);
    this.#forgetTables();
    this.promoteReady();
    return undefined;
  }

  #put(name: string, listener: Listener): void {
    const entry = this.#entries.get(name);
    if (!entry) {
      this.#entries.set(name, { active: undefined, warming: listener, isStatic: false });
      this.#count('listener_added');
      return;
    }
    if (entry.active === listener || entry.warming === listener || entry.isStatic) return;
    entry.warming?.closeAll();
    entry.warming = listener;
    this.#count('listener_modified');
  }

  #remove(name: string, entry: Entry): void {
    this.#entries.delete(name);
    this.#count('listener_removed');
    entry.warming?.closeAll();
    if (!entry.active) return;
    this.#unbind(entry.active);
    entry.active.drain(REPLACED_DRAIN_US);
  }

  /** RDS: route tables by name, put into the place where the managers look. */
  setRoutes(resources: readonly object[]): string | undefined {
    const { managers } = this.#compiler;
    const compiled = resources.map((resource) => {
      const message = new Message(resource);
      const name = message.text('name');
      const source = managers.tableSource(name);
      const isSame = source.table?.resource === resource;
      return { source, table: isSame ? source.table : managers.compileTable(message) };
    });
    for (const { source, table } of compiled) source.table = table;
    this.promoteReady();
    return undefined;
  }

  /** Warm listeners whose secrets and routes have come take over. */
  promoteReady(): void {
    for (const entry of this.#entries.values()) {
      const { warming, active } = entry;
      if (!warming || !isWarm(warming)) continue;
      entry.warming = undefined;
      entry.active = warming;
      if (active) this.#unbind(active);
      this.#bind(warming);
      active?.drain(REPLACED_DRAIN_US);
    }
  }

  #bind(listener: Listener): void {
    const { ip, port } = listener.address;
    const key = `${ip}:${port}`;
    this.#byAddress.set(key, listener);
    if (!listener.bindsToPort || this.#bound.has(key)) return;
    const accept = (end: ConnectionEnd) => this.#accept(key, end);
    this.#bound.set(key, this.#namespace.listen(port, accept, { address: ip, owner: 'proxy' }));
  }

  #unbind(listener: Listener): void {
    const { ip, port } = listener.address;
    const key = `${ip}:${port}`;
    if (this.#byAddress.get(key) !== listener) return;
    this.#byAddress.delete(key);
    this.#bound.get(key)?.();
    this.#bound.delete(key);
  }

  /** use_original_dst hands the connection to the listener of its original destination. */
  #accept(key: string, end: ConnectionEnd): ConnectionHandler {
    const listener = this.#byAddress.get(key)!;
    if (!listener.usesOriginalDestination) return listener.accept(end, false);
    const { ip, port } = end.originalDestination;
    const other = this.#byAddress.get(`${ip}:${port}`) ?? this.#byAddress.get(`0.0.0.0:${port}`);
    return other && other !== listener ? other.accept(end, true) : listener.accept(end, true);
  }

  /** Names of the listeners that serve, in the order in which they came. */
  get active(): Listener[] {
    return [...this.#entries.values()].flatMap(({ active }) => (active ? [active] : []));
  }

  get warming(): Listener[] {
    return [...this.#entries.values()].flatMap(({ warming }) => (warming ? [warming] : []));
  }

  /** Every listener with what serves of it and what is on the way, in the order in which they came. */
  states(): ListenerState[] {
    return [...this.#entries].map(([name, entry]) => ({ name, ...entry }));
  }

  drainAll(afterUs: Micros): void {
    for (const listener of this.active) {
      this.#unbind(listener);
      listener.drain(afterUs);
    }
  }

  close(): void {
    for (const listener of [...this.active, ...this.warming]) {
      this.#unbind(listener);
      listener.closeAll();
    }
    this.#entries.clear();
  }

  /** Route tables that no listener names any more are not asked for. */
  #forgetTables(): void {
    const named = new Set<string>();
    for (const { active, warming } of this.#entries.values())
      for (const listener of [active, warming])
        for (const manager of listener ? managersOf(listener) : [])
          if (manager.rdsName) named.add(manager.rdsName);
    this.#compiler.managers.forgetTablesBut(named);
  }

  #count(statistic: string): void {
    this.#compiler.proxy.stats.counter(`listener_manager.${statistic}`).inc();
  }
}

function managersOf(listener: Listener): ConnectionManager[] {
  const chains = listener.defaultChain
    ? [...listener.chains, listener.defaultChain]
    : listener.chains;
  return chains.flatMap(({ filters }) =>
    filters.filter((filter): filter is ConnectionManager => filter instanceof ConnectionManager),
  );
}

function isWarm(listener: Listener): boolean {
  return listener.isReady && managersOf(listener).every(({ routes }) => routes.table !== undefined);
}
