/**
 * Models the route of a service that no VirtualService mentions.
 *
 * Spec: istio pilot/pkg/networking/core/route/route.go, BuildDefaultHTTP{Inbound,Outbound}Route.
 */
import type { HttpRetry } from '../../istio/kinds/http-route.ts';
import type { HashPolicy } from '../../xds/resources/route-action.ts';
import type { Route } from '../../xds/resources/route.ts';
import { isGrpc } from '../registry/protocol-selection.ts';
import type { Protocol } from '../../istio/protocol.ts';
import { retryPolicy } from './retry.ts';

const NO_LIMIT = '0s';

/** "reviews.default.svc.cluster.local:9080/*" */
export function traceOperation(host: string, port: number): string {
  return `${host}:${port}/*`;
}

export function defaultOutboundRoute(
  cluster: string,
  operation: string,
  meshRetry: HttpRetry | undefined,
  hashPolicy?: HashPolicy,
): Route {
  const retry = retryPolicy(meshRetry, false);
  return {
    name: 'default',
    match: { prefix: '/' },
    decorator: { operation },
    route: {
      cluster,
      timeout: NO_LIMIT,
      max_grpc_timeout: NO_LIMIT,
      ...(retry && { retry_policy: retry }),
      ...(hashPolicy && { hash_policy: [hashPolicy] }),
    },
  };
}

export function defaultInboundRoute(cluster: string, operation: string, protocol: Protocol): Route {
  return {
    name: 'default',
    match: { prefix: '/' },
    decorator: { operation },
    route: {
      cluster,
      timeout: NO_LIMIT,
      max_stream_duration: { max_stream_duration: NO_LIMIT, grpc_timeout_header_max: NO_LIMIT },
      ...(!isGrpc(protocol) && {
        retry_policy: { retry_on: 'reset-before-request', num_retries: 2 },
      }),
    },
  };
}
