/** Models what a proxy asks for of one resource type, whichever variant of the protocol it speaks. */
import type { ConnectionEnd } from '../sim/network/connection.ts';
import type { DeltaDiscoveryResponse } from './delta-discovery.ts';
import type { DiscoveryResponse } from './discovery.ts';
import type { Node } from './resources/bootstrap.ts';
import type { Resource } from './resources/resource.ts';

/** Names of resources; undefined for everything there is. */
export type WantedNames = readonly string[] | undefined;

export type AnyResponse = DiscoveryResponse | DeltaDiscoveryResponse;

export interface Subscription {
  /** The last accepted version; survives the stream. */
  readonly version: string;
  /** Asked for on this stream. */
  readonly isRequested: boolean;
  /** Answered at least once, on any stream. */
  readonly hasAnswer: boolean;
  /** What was asked for last differs from `names`. */
  differsFrom(names: WantedNames): boolean;
  /** Asks for `names`, and answers the last response if that is due. */
  request(end: ConnectionEnd, names: WantedNames, node?: Node, errorDetail?: string): void;
  /** What the sink has to take over; undefined for a message of the other variant. */
  offered(response: AnyResponse): readonly Resource[] | undefined;
  /** The sink took it over, or rejected it. The answer goes out with the next request. */
  settle(response: AnyResponse, error: string | undefined): void;
  streamGone(): void;
}

export function sameNames(one: WantedNames, other: WantedNames): boolean {
  if (!one || !other) return one === other;
  return one.length === other.length && one.every((name, i) => name === other[i]);
}
