/**
 * Models what a client is told when the try upstream broke.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/response_code_details.
 * The transport failure reason stands in the details only, not in the body.
 */
import type { ResponseFlag } from '../stream-info.ts';
import type { ResetReason } from '../upstream/contract.ts';

export function flagOfReset(reason: ResetReason): ResponseFlag {
  switch (reason) {
    case 'local connection failure':
    case 'remote connection failure':
    case 'connection timeout':
      return 'UF';
    case 'connection termination':
      return 'UC';
    case 'local reset':
    case 'local refused stream reset':
    case 'HTTP/1 premature upstream half close':
      return 'LR';
    case 'overflow':
      return 'UO';
    case 'remote reset':
    case 'remote refused stream reset':
      return 'UR';
    case 'protocol error':
      return 'UPE';
  }
}

export function resetReply(
  reason: ResetReason,
  wasRetried: boolean,
): { status: number; body: string } {
  const retried = wasRetried ? 'retried and the latest ' : '';
  return {
    status: reason === 'protocol error' ? 502 : 503,
    body: `upstream connect error or disconnect/reset before headers. ${retried}reset reason: ${reason}`,
  };
}

export function resetDetails(
  reason: ResetReason,
  transportFailure: string,
  responseStarted: boolean,
): string {
  const when = responseStarted ? 'after' : 'before';
  const transport = transportFailure === '' ? '' : `|${transportFailure}`;
  return `upstream_reset_${when}_response_started{${reason}${transport}}`.replaceAll(' ', '_');
}
