/**
 * Models what outlier detection is told of a try.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier
 */
import type { HeaderMap } from '../http/header-map.ts';
import type { AttemptResult, ResetReason } from '../upstream/contract.ts';

export function resultOfReset(reason: ResetReason, isPoolFailure: boolean): AttemptResult {
  if (reason === 'connection timeout') return { kind: 'connect-timeout' };
  return { kind: isPoolFailure ? 'connect-failure' : 'reset' };
}

/** Outlier detection sees a gRPC failure as the HTTP status that means the same. */
export function outlierStatus(headers: HeaderMap, status: number): number {
  const grpc = headers.get('grpc-status');
  if (grpc === undefined || status !== 200) return status;
  return GRPC_TO_HTTP[Number(grpc)] ?? 500;
}

const GRPC_TO_HTTP = [
  200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401,
];
