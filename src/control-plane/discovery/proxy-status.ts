/**
 * Models what `istioctl proxy-status` asks: is each proxy's config what istiod sent last?
 *
 * Spec: istio pilot/pkg/xds/debug.go, istioctl/pkg/writer/pilot/status.go.
 */
import { XDS_TYPES, type XdsType } from '../../xds/type-url.ts';
import type { ProxyConnection } from './proxy-connection.ts';
import type { ProxyNode } from './proxy-node.ts';

/** stale: sent, not answered yet. nacked: answered with an error; the last good one is in force. */
export type SyncState = 'synced' | 'stale' | 'not-sent' | 'nacked';

export interface TypeStatus {
  readonly state: SyncState;
  readonly versionSent: string;
  /** The version in force. */
  readonly versionAccepted: string;
  /** Why the proxy rejected `versionSent`; "" when it did not. */
  readonly error: string;
}

export interface ProxyStatus {
  readonly proxy: ProxyNode;
  /** The pod of the istiod it is connected to. */
  readonly istiod: string;
  readonly types: Readonly<Record<XdsType, TypeStatus>>;
}

export function proxyStatus(connection: ProxyConnection, istiod: string): ProxyStatus {
  const types = {} as Record<XdsType, TypeStatus>;
  for (const type of XDS_TYPES) types[type] = typeStatus(connection, type);
  return { proxy: connection.proxy, istiod, types };
}

function typeStatus({ stream }: ProxyConnection, type: XdsType): TypeStatus {
  const watched = stream.watched(type);
  if (!watched || watched.nonceSent === '')
    return { state: 'not-sent', versionSent: '', versionAccepted: '', error: '' };
  const isAnswered = watched.nonceAnswered === watched.nonceSent;
  const error = isAnswered ? watched.error : undefined;
  return {
    state: !isAnswered ? 'stale' : error === undefined ? 'synced' : 'nacked',
    versionSent: watched.versionSent,
    versionAccepted: watched.versionAccepted,
    error: error ?? '',
  };
}
