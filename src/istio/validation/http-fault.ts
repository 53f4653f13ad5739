/**
 * Faults that a route injects.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPFaultInjection
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { HttpFault, HttpFaultAbort, HttpFaultDelay } from '../kinds/http-fault.ts';
import type { Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { durationProblem, fractionalPercentProblem } from './scalar.ts';

const GRPC_STATUSES: ReadonlySet<string> = new Set([
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]);

export function validateHttpFault(
  fault: HttpFault | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!fault) return;
  if (!fault.abort && !fault.delay)
    findings.error(path, 'HTTP fault injection must have an abort and/or a delay');
  validateHttpFaultAbort(fault.abort, [...path, 'abort'], findings);
  validateHttpFaultDelay(fault.delay, [...path, 'delay'], findings);
}

export function validateHttpFaultAbort(
  abort: HttpFaultAbort | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!abort) return;
  findings.check([...path, 'percentage'], fractionalPercentProblem(abort.percentage));
  if (abort.grpcStatus !== undefined)
    findings.check([...path, 'grpcStatus'], grpcStatusProblem(abort.grpcStatus));
  else if (abort.http2Error !== undefined)
    findings.error([...path, 'http2Error'], 'HTTP/2 abort fault injection not supported yet');
  else if (abort.httpStatus !== undefined)
    findings.check([...path, 'httpStatus'], httpStatusProblem(abort.httpStatus));
  else findings.warn(path, 'abort configured, but error type not set');
}

export function validateHttpFaultDelay(
  delay: HttpFaultDelay | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!delay) return;
  findings.check([...path, 'percentage'], fractionalPercentProblem(delay.percentage));
  if (delay.fixedDelay !== undefined) {
    findings.check([...path, 'fixedDelay'], durationProblem(delay.fixedDelay));
  } else if (delay.exponentialDelay !== undefined) {
    findings.check([...path, 'exponentialDelay'], durationProblem(delay.exponentialDelay));
    findings.error([...path, 'exponentialDelay'], 'exponentialDelay not supported yet');
  }
}

/** 600 passes although the words say 599. */
export function httpStatusProblem(status: number): string | undefined {
  return status < 200 || status > 600 ? `HTTP status ${status} is not in range 200-599` : undefined;
}

function grpcStatusProblem(status: string): string | undefined {
  if (GRPC_STATUSES.has(status)) return undefined;
  return `gRPC status ${quoted(status)} is not supported. See https://github.com/grpc/grpc/blob/master/doc/statuscodes.md for a list of supported codes, for example 'NOT_FOUND'`;
}
