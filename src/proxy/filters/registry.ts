/** Models which HTTP filters there are, by the type of their configuration. */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { FilterContext, FilterFactory } from '../http/http-filter.ts';
import { routerFilter } from '../router/router-filter.ts';
import { buffer } from './buffer.ts';
import { cors } from './cors.ts';
import { csrf } from './csrf.ts';
import { extAuthz } from './ext-authz.ts';
import { fault } from './fault.ts';
import { headerMutation } from './header-mutation.ts';
import { headerToMetadata } from './header-to-metadata.ts';
import { istioAlpn } from './istio-alpn.ts';
import { istioMetadataExchange } from './istio-metadata-exchange.ts';
import { jwtAuthn } from './jwt-authn.ts';
import { localRateLimit } from './local-ratelimit.ts';
import { passThroughFilters } from './pass-through.ts';
import { rbac } from './rbac.ts';
import { setMetadata } from './set-metadata.ts';
import { statefulSession } from './stateful-session.ts';

const FACTORIES: readonly FilterFactory[] = [
  routerFilter,
  buffer,
  cors,
  csrf,
  extAuthz,
  headerMutation,
  headerToMetadata,
  localRateLimit,
  fault,
  jwtAuthn,
  rbac,
  setMetadata,
  statefulSession,
  istioAlpn,
  istioMetadataExchange,
  ...passThroughFilters,
];

const byType = new Map(
  FACTORIES.flatMap((factory) => factory.types.map((type) => [type, factory] as const)),
);
const byRouteType = new Map(
  FACTORIES.flatMap((factory) =>
    (factory.routeTypes ?? factory.types).map((type) => [type, factory] as const),
  ),
);

/** The factory for a configuration of that message name; undefined when there is none. */
export function filterFactory(type: string): FilterFactory | undefined {
  return byType.get(type);
}

export function compileRouteFilterConfig(
  filter: string,
  type: string,
  config: Message,
  context: FilterContext,
): object {
  const factory = byRouteType.get(type);
  if (!factory)
    throw new ConfigError(
      `Didn't find a registered implementation for '${filter}' with type URL: '${type}'`,
    );
  return factory.compileRoute?.(config, context) ?? {};
}
