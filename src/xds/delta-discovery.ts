/**
 * Models the two messages of the aggregated discovery service, incremental: what is new, what is
 * gone, and names that come and go.
 *
 * Spec: envoy service/discovery/v3/discovery.proto (DeltaDiscoveryRequest, DeltaDiscoveryResponse).
 */
import type { ConnectionEnd, WireMessage } from '../sim/network/connection.ts';
import { ENVELOPE_BYTES, NODE_BYTES, RESOURCE_BYTES } from './discovery.ts';
import type { Node } from './resources/bootstrap.ts';
import type { Resource } from './resources/resource.ts';
import type { XdsType } from './type-url.ts';

/** Subscribes to everything of a type, beside or instead of names. */
export const WILDCARD = '*';

/** A change of names, an ACK or a NACK, or two of them at once. */
export interface DeltaDiscoveryRequest extends WireMessage {
  readonly type: 'delta-discovery-request';
  readonly xdsType: XdsType;
  /** No name in the first request of a type means everything. */
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** What the proxy holds from an earlier stream, by name; only in the first request of a type. */
  readonly initialResourceVersions: ReadonlyMap<string, string>;
  /** Of the response that this answers; "" in a request that answers none. */
  readonly responseNonce: string;
  /** Only on the first request of a stream. */
  readonly node: Node | undefined;
  /** Why the response was rejected. Absent in an ACK. */
  readonly errorDetail: string | undefined;
}

/** All resources bear the version of the push that brings them. */
export interface DeltaDiscoveryResponse extends WireMessage {
  readonly type: 'delta-discovery-response';
  readonly xdsType: XdsType;
  readonly systemVersionInfo: string;
  readonly nonce: string;
  readonly resources: readonly Resource[];
  readonly removedResources: readonly string[];
}

export function sendDeltaRequest(end: ConnectionEnd, request: DeltaDiscoveryRequest): void {
  let bytes = ENVELOPE_BYTES + (request.node ? NODE_BYTES : 0);
  bytes += namesBytes(request.subscribe) + namesBytes(request.unsubscribe);
  for (const [name, version] of request.initialResourceVersions)
    bytes += name.length + version.length + 6;
  end.write(request, bytes);
}

export function sendDeltaResponse(end: ConnectionEnd, response: DeltaDiscoveryResponse): void {
  const { xdsType, resources, removedResources } = response;
  const bytes = ENVELOPE_BYTES + resources.length * RESOURCE_BYTES[xdsType];
  end.write(response, bytes + namesBytes(removedResources));
}

function namesBytes(names: readonly string[]): number {
  let bytes = 0;
  for (const name of names) bytes += name.length + 2;
  return bytes;
}
