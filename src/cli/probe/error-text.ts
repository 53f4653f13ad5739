/** How a probe names what went wrong for the one who asked. */
import type { ExchangeError } from '../../workloads/http/outcome.ts';

const TEXTS: Readonly<Record<ExchangeError, string>> = {
  refused: 'connection refused',
  reset: 'connection reset',
  closed: 'connection closed',
  timeout: 'timeout',
  unreachable: 'no route to host',
  'no-such-host': 'name not found',
  tls: 'TLS handshake failed',
  'bad-url': 'bad URL',
};

export function errorText(error: ExchangeError): string {
  return TEXTS[error];
}
