/**
 * Models istiod's side of one connected proxy: what it was sent of each type, and so what a push has
 * to carry.
 *
 * State of the world: CDS and LDS go out whole when anything in them changed; of EDS, RDS and SDS
 * only what changed. Incremental: of every type only what changed, and the names of what is gone.
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
  /** Names of what is gone; state of the world has no word for it. */
  readonly removed?: readonly string[];
}

/** Makes resources of a type for the given names (none: everything). */
export type Generate = (type: XdsType, names: readonly string[]) => readonly Resource[];

export class ProxyConnection {
  readonly stream: AdsServerStream;
  readonly proxy: ProxyNode;
  readonly #sent = new Map<XdsType, readonly Resource[]>();
  /** Types and names that were asked for while the connection was busy; at most what it watches. */
  readonly #asked = new Map<XdsType, Set<string>>();
  /** Types whose last incremental response was rejected: the proxy holds none of it. */
  readonly #rejected = new Set<XdsType>();
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

  /** The proxy did not take over what it was sent last. */
  rejected(type: XdsType): void {
    if (this.stream.watched(type)?.isDelta) this.#rejected.add(type);
  }

  /** The answers to everything that was asked for; they go out even when they are empty. */
  answers(generate: Generate): PreparedResponse[] {
    const responses: PreparedResponse[] = [];
    for (const type of this.stream.watchedTypes()) {
      const asked = this.#asked.get(type);
      if (!asked) continue;
      const watched = this.stream.watched(type)!;
      const isWhole = watched.isWildcard || (isWildcard(type) && !watched.isDelta);
      const names = watched.isWildcard ? [] : isWhole ? watched.names : [...asked];
      const resources = generate(type, names);
      const removed = watched.isDelta
        ? withoutResource(
            this.#sent.has(type) ? names : [...watched.heldNames, ...names],
            resources,
          )
        : [];
      this.#sent.set(type, isWhole ? resources : withReplaced(this.#sentOf(type), resources));
      responses.push({ type, resources, removed });
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
      const response = this.#update(type, warming, generate);
      if (response) responses.push(response);
    }
    return responses;
  }

  #update(type: XdsType, warming: Set<string>, generate: Generate): PreparedResponse | undefined {
    const { isWildcard: wantsAll, isDelta, names } = this.stream.watched(type)!;
    const after = wantsAll ? generate(type, []) : names.length > 0 ? generate(type, names) : [];
    const { changed, removed, now } = differenceOf(this.#sentOf(type), after);
    // What is no longer asked for is gone without a word.
    const gone = wantsAll ? removed : removed.filter((name) => names.includes(name));
    this.#sent.set(type, now);
    if (type === 'CDS') for (const cluster of changed) warming.add(resourceName(cluster));
    if (isWildcard(type) && !isDelta)
      return changed.length + gone.length > 0 ? { type, resources: now } : undefined;
    const fresh = new Set(this.#rejected.delete(type) ? now : changed);
    const isCarried = (one: Resource) =>
      fresh.has(one) || (type === 'EDS' && warming.has(resourceName(one)));
    const resources = now.filter(isCarried);
    if (resources.length === 0 && !(isDelta && gone.length > 0)) return undefined;
    return { type, resources, removed: gone };
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
    const { changed, removed } = differenceOf(before, generate('EDS', names));
    const gone = new Set(this.stream.watched('EDS')!.isDelta ? removed : []);
    if (changed.length + gone.size === 0) return [];
    const left = gone.size > 0 ? sent.filter((one) => !gone.has(resourceName(one))) : sent;
    this.#sent.set('EDS', withReplaced(left, changed));
    return [{ type: 'EDS', resources: changed, removed: [...gone] }];
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

function withoutResource(names: readonly string[], resources: readonly Resource[]): string[] {
  const there = new Set(resources.map(resourceName));
  return names.filter((name) => !there.has(name));
}
