/** Models which network filters there are, by the type of their configuration. */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { ProxyContext } from '../context.ts';
import type { NetworkFilter } from '../listener/downstream-connection.ts';
import { compileConnectionLimit } from './connection-limit.ts';
import { ECHO } from './echo.ts';
import { compileNetworkRbac } from './rbac.ts';
import { compileTcpProxy } from './tcp-proxy.ts';

export const HTTP_CONNECTION_MANAGER =
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

export type NetworkFilterFactory = (config: Message, proxy: ProxyContext) => NetworkFilter;

/** Observed elsewhere (statistics), or without effect on what is simulated. */
const PASSING: NetworkFilter = { isTerminal: false, open: () => 'continue' };

const FACTORIES = new Map<string, NetworkFilterFactory>([
  ['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', compileTcpProxy],
  ['envoy.extensions.filters.network.rbac.v3.RBAC', compileNetworkRbac],
  ['envoy.tcp.metadataexchange.config.MetadataExchange', () => PASSING],
  ['envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit', compileConnectionLimit],
  ['envoy.extensions.filters.network.echo.v3.Echo', () => ECHO],
  // Simplified: an authorization service for TCP is not asked.
  ['envoy.extensions.filters.network.ext_authz.v3.ExtAuthz', () => PASSING],
  ['stats.PluginConfig', () => PASSING],
  ['envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy', () => PASSING],
]);

export function compileNetworkFilter(
  name: string,
  type: string,
  config: Message,
  proxy: ProxyContext,
): NetworkFilter {
  const factory = FACTORIES.get(type);
  if (!factory)
    throw new ConfigError(
      `Didn't find a registered implementation for '${name}' with type URL: '${type}'`,
    );
  return factory(config, proxy);
}
