/**
 * Models listener filters: what is found out of a connection's first bytes before a filter chain is
 * chosen. They look, and take nothing away.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/listener_filters/listener_filters.
 * Simplified: of the PROXY protocol nothing is read.
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { Wire } from '../wire.ts';

export interface ListenerFilter {
  readonly kind: 'tls-inspector' | 'http-inspector' | 'original-dst' | 'none';
  /** Off for connections to this port. */
  isDisabled(port: number): boolean;
}

const KINDS: Readonly<Record<string, ListenerFilter['kind']>> = {
  'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector': 'tls-inspector',
  'envoy.extensions.filters.listener.http_inspector.v3.HttpInspector': 'http-inspector',
  'envoy.extensions.filters.listener.original_dst.v3.OriginalDst': 'original-dst',
  'envoy.extensions.filters.listener.original_src.v3.OriginalSrc': 'none',
  'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol': 'none',
  'envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit': 'none',
};

export function compileListenerFilter(filter: Message): ListenerFilter {
  const type = filter.any('typed_config')?.type ?? '';
  const kind = KINDS[type];
  if (!kind)
    throw new ConfigError(
      `Didn't find a registered implementation for '${filter.text('name')}' with type URL: '${type}'`,
    );
  const predicate = filter.message('filter_disabled');
  return { kind, isDisabled: predicate ? compilePredicate(predicate) : () => false };
}

/** ListenerFilterChainMatchPredicate. */
function compilePredicate(predicate: Message): (port: number) => boolean {
  const kind = predicate.oneof(
    'or_match',
    'and_match',
    'not_match',
    'any_match',
    'destination_port_range',
  );
  switch (kind) {
    case 'or_match': {
      const rules = predicate.messageOrEmpty('or_match').messages('rules').map(compilePredicate);
      return (port) => rules.some((rule) => rule(port));
    }
    case 'and_match': {
      const rules = predicate.messageOrEmpty('and_match').messages('rules').map(compilePredicate);
      return (port) => rules.every((rule) => rule(port));
    }
    case 'not_match': {
      const rule = compilePredicate(predicate.messageOrEmpty('not_match'));
      return (port) => !rule(port);
    }
    case 'destination_port_range': {
      const range = predicate.messageOrEmpty('destination_port_range');
      const start = range.number('start') ?? 0;
      const end = range.number('end') ?? 0;
      return (port) => port >= start && port < end;
    }
    default:
      return () => true;
  }
}

/** What the first bytes are. */
export interface Inspected {
  readonly transportProtocol: string;
  readonly serverName: string;
  readonly applicationProtocols: readonly string[];
  /** What the TLS inspector says of bytes that are no TLS; "" when it did not look. */
  readonly failure: string;
}

/** Without an inspector Envoy takes bytes for plain ones. */
export const NOT_INSPECTED: Inspected = {
  transportProtocol: 'raw_buffer',
  serverName: '',
  applicationProtocols: [],
  failure: '',
};

const NO_TLS =
  'TLS_error|error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end';
const HTTP_NO_TLS =
  'TLS_error|error:1000009c:SSL routines:OPENSSL_internal:HTTP_REQUEST:TLS_error_end';

const RAW = NOT_INSPECTED;
const HTTP_11: Inspected = { ...RAW, applicationProtocols: ['http/1.1'] };
const HTTP_10: Inspected = { ...RAW, applicationProtocols: ['http/1.0'] };
const HTTP_2: Inspected = { ...RAW, applicationProtocols: ['h2c'] };

/**
 * `messages` is what has come so far. Undefined: more bytes are needed, as for the first line of
 * what may become HTTP.
 */
export function inspect(
  messages: readonly Wire[],
  looksForTls: boolean,
  looksForHttp: boolean,
): Inspected | undefined {
  const [first] = messages;
  if (!first) return undefined;
  if (first.type === 'tls-client-hello')
    return looksForTls
      ? {
          transportProtocol: 'tls',
          serverName: first.sni.toLowerCase(),
          applicationProtocols: first.alpn,
          failure: '',
        }
      : RAW;
  const found = looksForHttp ? inspectHttp(messages, first) : RAW;
  if (!found || !looksForTls) return found;
  const isHttp = first.type === 'request' || found.applicationProtocols.length > 0;
  return { ...found, failure: isHttp ? HTTP_NO_TLS : NO_TLS };
}

function inspectHttp(messages: readonly Wire[], first: Wire): Inspected | undefined {
  if (first.type === 'request') {
    if (first.version === 'HTTP/2') return HTTP_2;
    return first.version === 'HTTP/1.0' ? HTTP_10 : HTTP_11;
  }
  if (first.type !== 'bytes') return RAW;
  return inspectText(
    messages.map((message) => (message.type === 'bytes' ? message.bytes : '')).join(''),
  );
}

function inspectText(text: string): Inspected | undefined {
  if (text.startsWith('PRI * HTTP/2.0')) return HTTP_2;
  if (!/^[A-Za-z-]*(?:[ \r\n]|$)/.test(text)) return RAW;
  const end = text.indexOf('\n');
  if (end < 0) return undefined;
  const version = /^[A-Z-]+ \S+ HTTP\/1\.([01])\r?$/.exec(text.slice(0, end));
  if (!version) return RAW;
  return version[1] === '0' ? HTTP_10 : HTTP_11;
}
