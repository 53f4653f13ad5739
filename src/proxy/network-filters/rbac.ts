/**
 * Models the RBAC network filter: a refused connection is closed.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/rbac_filter.
 * Judged when the first bytes are there.
 */
import type { Message } from '../config/message.ts';
import type { ProxyContext } from '../context.ts';
import { HeaderMap } from '../http/header-map.ts';
import type { DownstreamConnection, NetworkFilter } from '../listener/downstream-connection.ts';
import { compileRbac, denialDetails, enforce, RbacStats } from '../rbac/engine.ts';

const NO_HEADERS = new HeaderMap();

export function compileNetworkRbac(config: Message, { stats }: ProxyContext): NetworkFilter {
  const settings = compileRbac(config);
  const prefix = config.text('stat_prefix');
  const counters = new RbacStats(prefix, settings.shadowPrefix, stats);
  return {
    isTerminal: false,
    open: () => 'continue',
    admits(connection) {
      const verdict = enforce(settings, subjectOf(connection), counters, () => undefined);
      if (!verdict || verdict.allowed) return true;
      connection.terminationDetails = denialDetails(verdict.policy);
      return false;
    },
  };
}

function subjectOf({ local, remote, serverName, tls }: DownstreamConnection) {
  return {
    headers: NO_HEADERS,
    destination: local,
    directRemoteIp: remote.ip,
    remoteIp: remote.ip,
    serverName,
    tls,
    metadata: undefined,
    filterState: (key: string) =>
      key === 'io.istio.peer_principal' ? tls?.peerUriSans[0] : undefined,
  };
}
