/** Models injected faults. Spec: istio pilot/pkg/networking/core/route/route.go, TranslateFault. */
import type { Percent } from '../../istio/kinds/destination.ts';
import type { HttpFault, HttpFaultAbort, HttpFaultDelay } from '../../istio/kinds/http-fault.ts';
import type {
  FaultAbort,
  FaultDelay,
  HttpFault as EnvoyFault,
} from '../../xds/resources/filters/fault.ts';
import type { FractionalPercent } from '../../xds/resources/percent.ts';
import { xdsDuration } from '../duration.ts';
import { GRPC_STATUS_CODES } from './grpc-status.ts';

export function faultConfig({ delay, abort }: HttpFault): EnvoyFault {
  const envoyDelay = delay && faultDelay(delay);
  const envoyAbort = abort && faultAbort(abort);
  return {
    ...(envoyDelay && { delay: envoyDelay }),
    ...(envoyAbort && { abort: envoyAbort }),
  };
}

function faultDelay(delay: HttpFaultDelay): FaultDelay | undefined {
  if (delay.fixedDelay === undefined) return undefined;
  return {
    fixed_delay: xdsDuration(delay.fixedDelay),
    percentage: delay.percentage
      ? perMillion(delay.percentage)
      : { ...(delay.percent && { numerator: delay.percent }) },
  };
}

function faultAbort(abort: HttpFaultAbort): FaultAbort | undefined {
  const percentage = abort.percentage && { percentage: perMillion(abort.percentage) };
  if (abort.httpStatus !== undefined) return { http_status: abort.httpStatus, ...percentage };
  if (abort.grpcStatus === undefined) return undefined;
  const status = GRPC_STATUS_CODES.indexOf(abort.grpcStatus);
  return { grpc_status: Math.max(status, 0), ...percentage };
}

/** 12.5 % → 125,000 of a million. */
export function perMillion({ value = 0 }: Percent): FractionalPercent {
  const numerator = Math.trunc(value * 10_000);
  return { ...(numerator > 0 && { numerator }), denominator: 'MILLION' };
}
