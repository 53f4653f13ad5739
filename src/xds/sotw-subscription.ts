/**
 * Models a subscription of the state-of-the-world variant: every request repeats all names, the last
 * accepted version and the last nonce.
 *
 * Spec: envoy api-docs/xds_protocol, "ACK/NACK and resource type instance version".
 */
import type { ConnectionEnd } from '../sim/network/connection.ts';
import { sendRequest } from './discovery.ts';
import type { Node } from './resources/bootstrap.ts';
import type { Resource } from './resources/resource.ts';
import {
  sameNames,
  type AnyResponse,
  type Subscription,
  type WantedNames,
} from './subscription.ts';
import type { XdsType } from './type-url.ts';

export class SotwSubscription implements Subscription {
  readonly #type: XdsType;
  #names: WantedNames = [];
  /** Of the last response on this stream. */
  #nonce = '';
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
    this.isRequested = true;
    this.#names = names && [...names];
    sendRequest(end, {
      type: 'discovery-request',
      xdsType: this.#type,
      versionInfo: this.version,
      responseNonce: this.#nonce,
      resourceNames: this.#names ?? [],
      node,
      errorDetail,
    });
  }

  offered(response: AnyResponse): readonly Resource[] | undefined {
    return response.type === 'discovery-response' ? response.resources : undefined;
  }

  settle(response: AnyResponse, error: string | undefined): void {
    if (response.type !== 'discovery-response') return;
    this.#nonce = response.nonce;
    this.hasAnswer = true;
    if (error === undefined) this.version = response.versionInfo;
  }

  streamGone(): void {
    this.#nonce = '';
    this.isRequested = false;
  }
}
