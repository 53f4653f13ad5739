/** Models what became of a request, as the client that sent it sees it. */
import type { HeaderMap } from '../../proxy/http/header-map.ts';
import type { Micros } from '../../sim/time.ts';

/** Why there was no (whole) answer. */
export type ExchangeError =
  /** Nothing listens there. */
  | 'refused'
  /** RST, or RST_STREAM. */
  | 'reset'
  /** FIN before the answer was whole. */
  | 'closed'
  | 'timeout'
  /** The name does not resolve. */
  | 'no-such-host'
  /** Nobody has the address. */
  | 'unreachable'
  /** The TLS handshake failed. */
  | 'tls'
  /** The URL cannot be understood. */
  | 'bad-url';

export interface HttpOutcome {
  /** 0 without an answer. */
  readonly status: number;
  /** Of the answer; undefined without one. */
  readonly headers: HeaderMap | undefined;
  /** As far as it arrived. */
  readonly body: string;
  readonly trailers: HeaderMap | undefined;
  readonly error: ExchangeError | undefined;
  readonly durationUs: Micros;
  readonly requestId: number;
}

/** How many bytes a text has in UTF-8. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is four bytes in two units; each half adds one.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
