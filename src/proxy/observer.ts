/** Models who listens to a proxy: telemetry, the trace, the access log. */
import { eventKind } from '../sim/trace.ts';
import type { StreamInfo } from './stream-info.ts';

export interface ProxyObserver {
  /** An HTTP stream or a TCP connection is over. Nothing may be kept of `info` but by copying. */
  onStreamComplete(info: StreamInfo): void;
  /** A line that an access log of the configuration writes. */
  onAccessLog?(path: string, line: string, info: StreamInfo): void;
}

/** A request is over at a proxy. */
export const REQUEST_COMPLETE = eventKind('request', 'node$', 'flags$', 'status', 'durationUs');
/** A TCP connection is over at a proxy. */
export const TCP_COMPLETE = eventKind('tcp', 'node$', 'flags$', 'bytesSent', 'durationUs');
