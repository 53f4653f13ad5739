/**
 * Models one Route: what it matches and what becomes of a request that matches.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-route
 */
import { ConfigError } from '../config/config-error.ts';
import { dataSourceText } from '../config/data-source.ts';
import type { Message } from '../config/message.ts';
import { compileMutations, type HeaderMutations } from './header-mutation.ts';
import { compilePerFilter, type PerFilterConfig } from './per-filter.ts';
import { compileRedirect, type Redirect } from './redirect.ts';
import { compileRouteAction, type RouteAction, type RouteContext } from './route-action.ts';
import { compileRouteMatcher, type FractionTest, type RouteMatcher } from './route-matcher.ts';

export type RouteEffect =
  | ({ readonly kind: 'route' } & RouteAction)
  | ({ readonly kind: 'redirect' } & Redirect)
  | { readonly kind: 'direct-response'; readonly status: number; readonly body: string }
  | { readonly kind: 'filter' }
  | { readonly kind: 'non-forwarding' };

export interface Route {
  /** The Route object of the configuration, for whoever asks which YAML decided. */
  readonly resource: object;
  readonly name: string;
  readonly matcher: RouteMatcher;
  readonly effect: RouteEffect;
  readonly requestMutations: HeaderMutations | undefined;
  readonly responseMutations: HeaderMutations | undefined;
  readonly perFilter: PerFilterConfig | undefined;
  /** Decorator: the operation's name in spans. */
  readonly operation: string;
  readonly propagatesOperation: boolean;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly bufferBytesMax: number | undefined;
}

export function compileRoute(
  route: Message,
  context: RouteContext,
  isFractionOn: FractionTest,
  maxDirectResponseBytes: number,
): Route {
  const matcher = compileRouteMatcher(route.messageOrEmpty('match'), isFractionOn);
  const decorator = route.message('decorator');
  return {
    resource: route.json,
    name: route.text('name'),
    matcher,
    effect: compileEffect(route, matcher, context, maxDirectResponseBytes),
    requestMutations: compileMutations(route, 'request'),
    responseMutations: compileMutations(route, 'response'),
    perFilter: compilePerFilter(route, context.perFilter),
    operation: decorator?.text('operation') ?? '',
    propagatesOperation: decorator?.boolean('propagate') ?? true,
    metadata: route.message('metadata')?.message('filter_metadata')?.json,
    bufferBytesMax:
      route.number('request_body_buffer_limit') ?? route.number('per_request_buffer_limit_bytes'),
  };
}

function compileEffect(
  route: Message,
  matcher: RouteMatcher,
  context: RouteContext,
  maxDirectResponseBytes: number,
): RouteEffect {
  const kind = route.oneof(
    'route',
    'redirect',
    'direct_response',
    'filter_action',
    'non_forwarding_action',
  );
  switch (kind) {
    case 'route':
      return {
        kind,
        ...compileRouteAction(route.messageOrEmpty('route'), matcher.path, context),
      };
    case 'redirect':
      return { kind, ...compileRedirect(route.messageOrEmpty('redirect'), matcher.path) };
    case 'direct_response': {
      const response = route.messageOrEmpty('direct_response');
      const body = dataSourceText(response.message('body'));
      if (body.length > maxDirectResponseBytes)
        throw new ConfigError(
          `response body size is ${body.length} bytes; maximum is ${maxDirectResponseBytes}`,
        );
      return { kind: 'direct-response', status: response.number('status') ?? 200, body };
    }
    case 'filter_action':
      return { kind: 'filter' };
    case 'non_forwarding_action':
      return { kind: 'non-forwarding' };
    case undefined:
      throw new ConfigError('field: "action", reason: is required');
  }
}
