/**
 * Models the echo filter: what comes goes back.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/echo_filter
 */
import type { NetworkFilter } from '../listener/downstream-connection.ts';

export const ECHO: NetworkFilter = {
  isTerminal: true,
  open: (connection) => ({
    onMessage: (message) => connection.write(message, 0),
    onClosed: () => connection.close(),
  }),
};
