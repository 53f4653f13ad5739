/**
 * Delays and aborts that a VirtualService injects.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection
 */
import type { Percent } from './destination.ts';
import type { DurationString } from './duration.ts';

export interface HttpFault {
  readonly delay?: HttpFaultDelay;
  readonly abort?: HttpFaultAbort;
}

export interface HttpFaultDelay {
  readonly fixedDelay?: DurationString;
  /** Without effect: kept for old manifests. */
  readonly exponentialDelay?: DurationString;
  readonly percentage?: Percent;
  /** Deprecated: percentage took its place. */
  readonly percent?: number;
}

export interface HttpFaultAbort {
  readonly httpStatus?: number;
  readonly grpcStatus?: string;
  /** Without effect: kept for old manifests. */
  readonly http2Error?: string;
  readonly percentage?: Percent;
}
