/**
 * Models the two messages of the aggregated discovery service, state of the world.
 *
 * Spec: envoy service/discovery/v3/discovery.proto. Simplified: sizes are estimated by the kind of
 * resource, since resources travel by reference and are never serialised.
 */
import type { ConnectionEnd, WireMessage } from '../sim/network/connection.ts';
import type { Node } from './resources/bootstrap.ts';
import type { Resource } from './resources/resource.ts';
import type { XdsType } from './type-url.ts';

/** A subscription, an ACK or a NACK: told apart by nonce and error. */
export interface DiscoveryRequest extends WireMessage {
  readonly type: 'discovery-request';
  readonly xdsType: XdsType;
  /** The last version that was accepted; "" when there is none. */
  readonly versionInfo: string;
  /** Of the response that this answers; "" on the first request of a type. */
  readonly responseNonce: string;
  /** None in the first request of CDS or LDS means everything. */
  readonly resourceNames: readonly string[];
  /** Only on the first request of a stream. */
  readonly node: Node | undefined;
  /** Why the response was rejected. Absent in an ACK. */
  readonly errorDetail: string | undefined;
}

export interface DiscoveryResponse extends WireMessage {
  readonly type: 'discovery-response';
  readonly xdsType: XdsType;
  readonly versionInfo: string;
  readonly nonce: string;
  readonly resources: readonly Resource[];
}

/** Typical sizes in protobuf of what istiod sends. */
export const RESOURCE_BYTES: Readonly<Record<XdsType, number>> = {
  CDS: 700,
  EDS: 400,
  LDS: 6_000,
  RDS: 2_500,
  SDS: 2_000,
};

export const ENVELOPE_BYTES = 120;
export const NODE_BYTES = 2_500;

export function sendRequest(end: ConnectionEnd, request: DiscoveryRequest): void {
  let bytes = ENVELOPE_BYTES + (request.node ? NODE_BYTES : 0);
  for (const name of request.resourceNames) bytes += name.length + 2;
  end.write(request, bytes);
}

export function sendResponse(end: ConnectionEnd, response: DiscoveryResponse): void {
  const bytes = ENVELOPE_BYTES + response.resources.length * RESOURCE_BYTES[response.xdsType];
  end.write(response, bytes);
}
