/** Models which HTTP filters there are, by the type of their configuration. */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { FilterContext, FilterFactory } from '../http/http-filter.ts';
import { routerFilter } from '../router/router-filter.ts';
import { istioAlpn } from './istio-alpn.ts';
import { istioMetadataExchange } from './istio-metadata-exchange.ts';
import { passThroughFilters } from './pass-through.ts';

const FACTORIES: readonly FilterFactory[] = [
  routerFilter,
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
