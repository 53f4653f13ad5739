/**
 * Models a virtual host's `matcher`: a match tree whose leaves are routes. The route at the leaf
 * must still match the request by its own conditions.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-virtualhost
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message, TypedMessage } from '../config/message.ts';
import { compileMatchTree, type MatchInput, type MatchTree } from '../matching/match-tree.ts';
import { queryParameter, type RouteInput } from './route-matcher.ts';
import type { Route } from './route.ts';

const ROUTE = 'envoy.config.route.v3.Route';
const ROUTE_LIST = 'envoy.config.route.v3.RouteList';
const HEADER_INPUT = 'envoy.type.matcher.v3.HttpRequestHeaderMatchInput';
const QUERY_INPUT = 'envoy.type.matcher.v3.HttpRequestQueryParamMatchInput';

export type RouteTree = MatchTree<RouteInput, readonly Route[]>;

export function compileRouteTree(matcher: Message, compile: (route: Message) => Route): RouteTree {
  return compileMatchTree(matcher, {
    input: compileRequestInput,
    action({ type, message }) {
      if (type === ROUTE) return [compile(message)];
      if (type === ROUTE_LIST) return message.messages('routes').map(compile);
      throw unknown('action', type);
    },
  });
}

function compileRequestInput({ type, message }: TypedMessage): MatchInput<RouteInput> {
  if (type === HEADER_INPUT) {
    const name = message.text('header_name').toLowerCase();
    return ({ headers }) => {
      const values = headers.getAll(name);
      return values.length === 0 ? undefined : values.join(',');
    };
  }
  if (type === QUERY_INPUT) {
    const name = message.text('query_param');
    return ({ query }) => queryParameter(query, name);
  }
  throw unknown('input', type);
}

function unknown(what: string, type: string): ConfigError {
  return new ConfigError(
    `Didn't find a registered implementation for matching ${what} with type URL: '${type}'`,
  );
}
