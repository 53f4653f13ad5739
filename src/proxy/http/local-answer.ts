/**
 * Models the message that a local reply becomes: reworded by local_reply_config, and for a gRPC
 * client a 200 whose failure stands in headers that are trailers.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
 */
import type { ResponseFlag, StreamInfo } from '../stream-info.ts';
import type { ManagerConfig } from './connection-manager-config.ts';
import { HeaderMap } from './header-map.ts';
import { grpcMessage, grpcStatusOf } from './local-reply.ts';

export interface LocalReply {
  readonly status: number;
  readonly body: string;
  readonly details: string;
  readonly flag?: ResponseFlag;
  readonly headers?: (headers: HeaderMap) => void;
  readonly grpcStatus?: number | undefined;
}

/** What of a stream its local replies depend on. */
interface Asker {
  readonly info: StreamInfo;
  readonly isGrpc: boolean;
  readonly manager: { readonly config: ManagerConfig };
}

/** Also writes the status, which rewording may change, into the stream's info. */
export function composeReply(
  asker: Asker,
  reply: LocalReply,
): { readonly headers: HeaderMap; readonly body: string } {
  const { info } = asker;
  const headers = new HeaderMap([':status'], [String(reply.status)]);
  info.status = reply.status;
  const { body, type } = reworded(asker, headers, reply);
  if (asker.isGrpc) {
    headers.set(':status', '200');
    headers.add('content-type', 'application/grpc');
    headers.add('grpc-status', String(reply.grpcStatus ?? grpcStatusOf(info.status)));
    if (body !== '') headers.add('grpc-message', grpcMessage(body));
    reply.headers?.(headers);
    return { headers, body };
  }
  reply.headers?.(headers);
  if (body !== '') {
    headers.set('content-length', String(body.length));
    if (!headers.has('content-type') || type !== 'text/plain') headers.set('content-type', type);
  }
  return { headers, body };
}

function reworded(
  { info, manager }: Asker,
  headers: HeaderMap,
  reply: LocalReply,
): { body: string; type: string } {
  const replies = manager.config.localReplies;
  if (!replies) return { body: reply.body, type: 'text/plain' };
  info.responseHeaders = headers;
  return replies.rewrite(headers, info, reply.body);
}
