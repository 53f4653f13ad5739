/**
 * Models the connection limit filter: beyond so many connections of a chain, new ones are closed.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/connection_limit_filter
 */
import type { Message } from '../config/message.ts';
import type { ProxyContext } from '../context.ts';
import type { DownstreamConnection, NetworkFilter } from '../listener/downstream-connection.ts';

export function compileConnectionLimit(config: Message, { stats }: ProxyContext): NetworkFilter {
  const max = config.number('max_connections') ?? Infinity;
  const prefix = `connection_limit.${config.text('stat_prefix')}.`;
  const limited = stats.counter(`${prefix}limited_connections`);
  const active = stats.gauge(`${prefix}active_connections`);
  const counted = new Set<DownstreamConnection>();
  const forgetClosed = () => {
    for (const one of counted) if (one.end.state === 'closed') counted.delete(one);
  };
  return {
    isTerminal: false,
    open: () => 'continue',
    admits(connection) {
      if (counted.size >= max) forgetClosed();
      if (counted.size >= max) {
        limited.inc();
        return false;
      }
      counted.add(connection);
      active.set(counted.size);
      return true;
    },
  };
}
