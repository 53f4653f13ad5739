/**
 * Models what a proxy's headers tell: its name, attempt counts, certificates of clients.
 *
 * Spec: istio pilot/pkg/networking/util/proxy_headers.go.
 */
import type { ProxyHeaders } from '../../istio/kinds/mesh-config.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';

export interface ProxyHeaderOptions {
  readonly serverName?: string;
  readonly serverHeaderTransformation?: 'PASS_THROUGH' | 'APPEND_IF_ABSENT';
  readonly generateRequestId?: false;
  readonly suppressDebugHeaders?: boolean;
  readonly includeAttemptCount: boolean;
  readonly skipMetadataExchangeHeaders: boolean;
  readonly given: ProxyHeaders;
}

export function proxyHeaders(proxy: Proxy, listenerClass: ListenerClass): ProxyHeaderOptions {
  const given = proxy.push.mesh.defaultConfig?.proxyHeaders ?? {};
  const { server } = given;
  const ownName = listenerClass === 'outbound' ? '' : 'istio-envoy';
  const serverName = server?.disabled ? '' : server?.value || ownName;
  return {
    ...(serverName && { serverName }),
    ...(server?.disabled && { serverHeaderTransformation: 'PASS_THROUGH' as const }),
    ...(given.requestId?.disabled && { generateRequestId: false as const }),
    suppressDebugHeaders: given.envoyDebugHeaders?.disabled ?? false,
    includeAttemptCount: !given.attemptCount?.disabled,
    skipMetadataExchangeHeaders: given.metadataExchangeHeaders?.mode === 'IN_MESH',
    given,
  };
}
