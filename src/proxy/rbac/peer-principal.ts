/**
 * Models the filter state that Istio's TLS puts there: who the peer is, for rules on principals.
 *
 * Spec: https://github.com/istio/proxy/tree/master/source/extensions/filters/network/istio_authn
 */
import type { StreamInfo } from '../stream-info.ts';

export function filterStateOf(info: StreamInfo, key: string): unknown {
  if (key === 'io.istio.peer_principal') return info.tls?.peerUriSans[0];
  if (key === 'io.istio.local_principal') return info.tls?.localUriSans[0];
  return info.filterState?.get(key);
}
