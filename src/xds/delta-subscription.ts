/**
 * Models a subscription of the incremental variant: a request carries the names that come and go, a
 * response what is new and what is gone; a nonce pairs a response with its ACK or NACK and nothing
 * else. What the proxy holds survives the stream, and the next one begins by naming it.
 *
 * Spec: envoy api-docs/xds_protocol, "Incremental xDS". A removal of endpoints, routes or secrets is
 * taken note of and changes nothing, as in Envoy: they go when nothing refers to them any more.
 */
import type { ConnectionEnd } from '../sim/network/connection.ts';
import { sendDeltaRequest, WILDCARD } from './delta-discovery.ts';
import type { Node } from './resources/bootstrap.ts';
import { resourceName, type Resource } from './resources/resource.ts';
import {
  sameNames,
  type AnyResponse,
  type Subscription,
  type WantedNames,
} from './subscription.ts';
import { isWildcard, type XdsType } from './type-url.ts';

interface Held {
  readonly resource: Resource;
  readonly version: string;
}

const NOTHING_HELD: ReadonlyMap<string, string> = new Map();

export class DeltaSubscription implements Subscription {
  readonly #type: XdsType;
  /** Accepted and not removed since, by name. */
  #held = new Map<string, Held>();
  #names: WantedNames = [];
  /** Of a response that is still to be answered. */
  #unanswered = '';
  version = '';
  isRequested = false;
  hasAnswer = false;

  constructor(type: XdsType) {
    this.#type = type;
  }

  differsFrom(names: WantedNames): boolean {
    return !sameNames(names, this.#names);
  }

  request(end: ConnectionEnd, names: WantedNames, node?: Node, errorDetail?: string): void {
    const isFirst = !this.isRequested;
    const before = isFirst ? [] : (this.#names ?? [WILDCARD]);
    const after = names ?? (isFirst ? [] : [WILDCARD]);
    this.isRequested = true;
    this.#names = names && [...names];
    const unsubscribe = missingFrom(after, before);
    for (const name of unsubscribe) this.#held.delete(name);
    sendDeltaRequest(end, {
      type: 'delta-discovery-request',
      xdsType: this.#type,
      subscribe: missingFrom(before, after),
      unsubscribe,
      initialResourceVersions: isFirst ? this.#heldVersions(names) : NOTHING_HELD,
      responseNonce: this.#unanswered,
      node,
      errorDetail,
    });
    this.#unanswered = '';
  }

  /** Of clusters and listeners the sink is always told the full set. */
  offered(response: AnyResponse): readonly Resource[] | undefined {
    if (response.type !== 'delta-discovery-response') return undefined;
    if (!isWildcard(this.#type)) return response.resources;
    return [...this.#with(response).values()].map(({ resource }) => resource);
  }

  settle(response: AnyResponse, error: string | undefined): void {
    if (response.type !== 'delta-discovery-response') return;
    this.#unanswered = response.nonce;
    this.hasAnswer = true;
    if (error !== undefined) return;
    this.version = response.systemVersionInfo;
    this.#held = this.#with(response);
  }

  streamGone(): void {
    this.#unanswered = '';
    this.isRequested = false;
  }

  #with(response: AnyResponse & { type: 'delta-discovery-response' }): Map<string, Held> {
    const held = new Map(this.#held);
    const version = response.systemVersionInfo;
    for (const resource of response.resources)
      held.set(resourceName(resource), { resource, version });
    for (const name of response.removedResources) held.delete(name);
    return held;
  }

  #heldVersions(names: WantedNames): ReadonlyMap<string, string> {
    const wanted = names && new Set(names);
    const versions = new Map<string, string>();
    for (const [name, { version }] of this.#held)
      if (!wanted || wanted.has(name)) versions.set(name, version);
      else this.#held.delete(name);
    return versions;
  }
}

function missingFrom(one: readonly string[], other: readonly string[]): string[] {
  const known = new Set(one);
  return other.filter((name) => !known.has(name));
}
