/**
 * Models istiod's side of one connected proxy: what it was sent of each type, and so what a push has
 * to carry.
 *
 * CDS and LDS go out whole when anything in them changed; of EDS, RDS and SDS only what changed.
 */
import type { AdsServerStream } from '../../xds/ads-server.ts';
import { resourceName, type Resource } from '../../xds/resources/resource.ts';
import { isWildcard, type XdsType } from '../../xds/type-url.ts';
import type { ProxyNode } from './proxy-node.ts';
import { differenceOf, withReplaced } from './resource-difference.ts';

/** A response that is ready to go out. */
export interface PreparedResponse {
  readonly type: XdsType;
  readonly resources: readonly Resource[];
}

/** Makes resources of a type for the given names (empty for CDS and LDS). */
export type Generate = (type: XdsType, names: readonly string[]) => readonly Resource[];

export class ProxyConnection {
  readonly stream: AdsServerStream;
  readonly proxy: ProxyNode;
  readonly #sent = new Map<XdsType, readonly Resource[]>();
  /** Types and names that were asked for while the connection was busy; at most what it watches. */
  readonly #asked = new Map<XdsType, Set<string>>();
  /** Work for this proxy is under way: everything else waits, as in istiod's loop a stream. */
  isBusy = false;

  constructor(stream: AdsServerStream, proxy: ProxyNode) {
    this.stream = stream;
    this.proxy = proxy;
  }

  /** Remembers a subscription to answer. */
  ask(type: XdsType, names: readonly string[]): void {
    const asked = this.#asked.get(type);
    if (!asked) this.#asked.set(type, new Set(names));
    else for (const name of names) asked.add(name);
  }

  get isAsking(): boolean {
    return this.#asked.size > 0;
  }

  /** The answers to everything that was asked for; they go out even when they are empty. */
  answers(generate: Generate): PreparedResponse[] {
    const responses: PreparedResponse[] = [];
    for (const type of this.stream.watchedTypes()) {
      const names = this.#asked.get(type);
      if (!names) continue;
      const resources = generate(type, [...names]);
      this.#sent.set(
        type,
        isWildcard(type) ? resources : withReplaced(this.#sentOf(type), resources),
      );
      responses.push({ type, resources });
    }
    this.#asked.clear();
    return responses;
  }

  /**
   * What changed of the given types since it was sent; nothing for what did not change, except that
   * a cluster that changed brings its endpoints along: it waits for them before it is used.
   */
  updates(types: readonly XdsType[], generate: Generate): PreparedResponse[] {
    const responses: PreparedResponse[] = [];
    const warming = new Set<string>();
    for (const type of this.stream.watchedTypes()) {
      // A type that was never answered is in `#asked` and will be answered in full.
      const isDue = types.includes(type) || (type === 'EDS' && warming.size > 0);
      if (!isDue || !this.#sent.has(type)) continue;
      const names = isWildcard(type) ? [] : this.stream.watched(type)!.names;
      const { changed, hasRemoved, now } = differenceOf(this.#sentOf(type), generate(type, names));
      this.#sent.set(type, now);
      if (isWildcard(type)) {
        if (changed.length > 0 || hasRemoved) responses.push({ type, resources: now });
        if (type === 'CDS') for (const cluster of changed) warming.add(resourceName(cluster));
        continue;
      }
      const fresh = new Set(changed);
      const resources = now.filter((one) => fresh.has(one) || warming.has(resourceName(one)));
      if (resources.length > 0) responses.push({ type, resources });
    }
    return responses;
  }

  /** What changed of the endpoints of some hosts. */
  endpointUpdates(hosts: ReadonlySet<string>, generate: Generate): PreparedResponse[] {
    const sent = this.#sentOf('EDS');
    const watched = this.stream.watched('EDS')?.names ?? [];
    const names = watched.filter((name) => hosts.has(name.slice(name.lastIndexOf('|') + 1)));
    if (names.length === 0) return [];
    const wanted = new Set(names);
    const before = sent.filter(
      (resource) => 'cluster_name' in resource && wanted.has(resource.cluster_name),
    );
    const { changed } = differenceOf(before, generate('EDS', names));
    if (changed.length === 0) return [];
    this.#sent.set('EDS', withReplaced(sent, changed));
    return [{ type: 'EDS', resources: changed }];
  }

  /** Sends some resources at once, outside of a push. */
  send({ type, resources }: PreparedResponse, version: string): void {
    if (!this.stream.watched(type)) return;
    this.#sent.set(type, withReplaced(this.#sentOf(type), resources));
    this.stream.send(type, version, resources);
  }

  #sentOf(type: XdsType): readonly Resource[] {
    return this.#sent.get(type) ?? [];
  }
}
