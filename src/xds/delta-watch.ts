/**
 * Models what a server notes of an incremental request: which names are watched from now on.
 *
 * Spec: envoy api-docs/xds_protocol, "How the client specifies what resources to return".
 */
import type { WatchedType } from './ads-server.ts';
import { WILDCARD, type DeltaDiscoveryRequest } from './delta-discovery.ts';
import { isWildcard } from './type-url.ts';

/** The first request of a type on a stream. */
export function watchDelta(request: DeltaDiscoveryRequest): WatchedType {
  const { subscribe, xdsType, initialResourceVersions } = request;
  const wantsAll = subscribe.includes(WILDCARD) || (subscribe.length === 0 && isWildcard(xdsType));
  return {
    names: subscribe.filter((name) => name !== WILDCARD),
    isWildcard: wantsAll,
    isDelta: true,
    heldNames: [...initialResourceVersions.keys()],
    nonceSent: '',
    versionSent: '',
    nonceAnswered: '',
    versionAccepted: '',
    error: undefined,
  };
}

/** A later request. True when something was subscribed to: it is sent even if it was sent before. */
export function changeNames(watched: WatchedType, request: DeltaDiscoveryRequest): boolean {
  const { subscribe, unsubscribe } = request;
  if (unsubscribe.length > 0) {
    const gone = new Set(unsubscribe);
    watched.names = watched.names.filter((name) => !gone.has(name));
    if (gone.has(WILDCARD)) watched.isWildcard = false;
  }
  if (subscribe.length === 0) return false;
  const names = new Set([...watched.names, ...subscribe]);
  if (names.delete(WILDCARD)) watched.isWildcard = true;
  watched.names = [...names];
  return true;
}
