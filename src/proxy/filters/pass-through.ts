/**
 * Models filters whose work is done elsewhere: istio.stats and grpc_stats are made of StreamInfo by
 * whoever observes the proxy; the others let everything pass.
 *
 * Simplified: Lua and gRPC-Web are accepted and have no effect.
 */
import type { FilterFactory } from '../http/http-filter.ts';

const TYPES = [
  'stats.PluginConfig',
  'envoy.extensions.filters.http.grpc_stats.v3.FilterConfig',
  'envoy.extensions.filters.http.grpc_web.v3.GrpcWeb',
  'envoy.extensions.filters.http.lua.v3.Lua',
];

export const passThroughFilters: readonly FilterFactory[] = TYPES.map((type) => ({
  types: [type],
  create: (name) => ({ name }),
}));
