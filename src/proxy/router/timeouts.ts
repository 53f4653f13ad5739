/**
 * Models the timeouts of one routed request: the route's, or what an internal client asks for.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts
 */
import { MS, type Micros } from '../../sim/time.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { parseGrpcTimeout } from '../http/connection-manager.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { RouteAction } from './route-action.ts';

export interface Timeouts {
  /** 0: none. */
  readonly routeUs: Micros;
  readonly perTryUs: Micros;
  readonly perTryIdleUs: Micros;
  readonly hedges: boolean;
  /** What a timeout is answered with: 504, or 204 when the client asked for it. */
  readonly status: number;
}

/** Reads and removes the x-envoy-* headers that set timeouts. */
export function takeTimeouts(
  headers: HeaderMap,
  action: RouteAction,
  policy: RetryPolicy | undefined,
  isGrpc: boolean,
): Timeouts {
  const asked = takeMs(headers, 'x-envoy-upstream-rq-timeout-ms');
  const askedPerTry = takeMs(headers, 'x-envoy-upstream-rq-per-try-timeout-ms');
  const hedge = headers.get('x-envoy-hedge-on-per-try-timeout');
  if (hedge !== undefined) headers.remove('x-envoy-hedge-on-per-try-timeout');
  const wantsOther = headers.get('x-envoy-upstream-rq-timeout-alt-response');
  if (wantsOther !== undefined) headers.remove('x-envoy-upstream-rq-timeout-alt-response');
  const routeUs = asked ?? configuredUs(headers, action, isGrpc);
  let perTryUs = askedPerTry ?? policy?.perTryTimeoutUs ?? 0;
  if (perTryUs >= routeUs && routeUs > 0) perTryUs = 0;
  return {
    routeUs,
    perTryUs,
    perTryIdleUs: policy?.perTryIdleTimeoutUs ?? 0,
    hedges: hedge === undefined ? action.hedgesOnPerTryTimeout : hedge === 'true',
    status: wantsOther === undefined ? 504 : 204,
  };
}

/** A route with max_stream_duration has no timeout of the old kind. */
function configuredUs(headers: HeaderMap, action: RouteAction, isGrpc: boolean): Micros {
  if (action.maxStreamDurationUs !== undefined) return 0;
  const most = action.grpcTimeoutHeaderMaxUs;
  if (isGrpc && most !== undefined) {
    const wanted = parseGrpcTimeout(headers.get('grpc-timeout')) ?? 0;
    return most !== 0 && (wanted === 0 || wanted > most) ? most : wanted;
  }
  return action.timeoutUs;
}

function takeMs(headers: HeaderMap, name: string): Micros | undefined {
  const text = headers.get(name);
  if (text === undefined) return undefined;
  headers.remove(name);
  return /^\d+$/.test(text) ? Number(text) * MS : undefined;
}

/** What the next server may expect to have left, in milliseconds; 0 for "as long as it takes". */
export function expectedTimeoutMs(timeouts: Timeouts, elapsedUs: Micros): number {
  const { routeUs, perTryUs, hedges } = timeouts;
  const expectedUs = hedges || perTryUs === 0 ? routeUs : perTryUs;
  if (expectedUs === 0) return 0;
  const leftUs = routeUs > 0 ? Math.min(expectedUs, routeUs - elapsedUs) : expectedUs;
  return Math.max(1, Math.ceil(leftUs / MS));
}
