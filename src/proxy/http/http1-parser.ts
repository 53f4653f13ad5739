/**
 * Models Envoy's HTTP/1 codec on raw text: request line, headers, bodies, and what it refuses.
 *
 * Spec: RFC 9112. Simplified: chunk extensions and trailers are read and dropped.
 */
import type { HttpRequestMessage, HttpVersion } from '../wire.ts';
import type { ManagerConfig } from './connection-manager-config.ts';
import { HeaderMap } from './header-map.ts';

export interface CodecError {
  readonly status: number;
  readonly details: string;
  readonly body: string;
}

export interface ParserCallbacks {
  onRequest(request: HttpRequestMessage): void;
  onData(stream: number, body: string, endStream: boolean): void;
  onError(error: CodecError): void;
}

const METHODS: ReadonlySet<string> = new Set(
  'DELETE GET HEAD POST PUT CONNECT OPTIONS TRACE COPY LOCK MKCOL MOVE PROPFIND PROPPATCH SEARCH UNLOCK BIND REBIND UNBIND ACL REPORT MKACTIVITY CHECKOUT MERGE M-SEARCH NOTIFY SUBSCRIBE UNSUBSCRIBE PATCH PURGE MKCALENDAR LINK UNLINK'.split(
    ' ',
  ),
);
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
const AUTHORITY = /^[\w.~!$&'()*+,;=:@%[\]-]*$/;

const BAD_REQUEST: CodecError = { status: 400, details: 'http1.codec_error', body: 'Bad Request' };

type Body =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; left: number }
  | { readonly kind: 'chunked' };

/** Thrown inside the parser only. */
class Refused {
  readonly error: CodecError;
  constructor(error: CodecError) {
    this.error = error;
  }
}

export class Http1Parser {
  readonly #config: ManagerConfig;
  readonly #callbacks: ParserCallbacks;
  #buffer = '';
  #stream = 0;
  #body: Body = { kind: 'none' };
  #isBroken = false;

  constructor(config: ManagerConfig, callbacks: ParserCallbacks) {
    this.#config = config;
    this.#callbacks = callbacks;
  }

  feed(bytes: string): void {
    if (this.#isBroken) return;
    this.#buffer += bytes;
    try {
      while (this.#body.kind === 'none' ? this.#parseHead() : this.#parseBody()) {
        // each turn takes something off the buffer
      }
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      this.#isBroken = true;
      this.#callbacks.onError(refused.error);
    }
  }

  /** True when a whole head was there. */
  #parseHead(): boolean {
    this.#buffer = this.#buffer.replace(/^(?:\r?\n)+/, '');
    const end = /\r?\n\r?\n/.exec(this.#buffer);
    const head = end ? this.#buffer.slice(0, end.index) : this.#buffer;
    if (head.length > this.#config.headerBytesMax)
      throw new Refused({
        status: 431,
        details: 'http1.headers_too_large',
        body: 'Request Header Fields Too Large',
      });
    const [first = '', ...lines] = head.split(/\r?\n/);
    if (!end) {
      if (this.#buffer.includes('\n')) parseRequestLine(first);
      return false;
    }
    this.#buffer = this.#buffer.slice(end.index + end[0].length);
    this.#startRequest(first, lines);
    return true;
  }

  #startRequest(first: string, lines: readonly string[]): void {
    const line = parseRequestLine(first);
    const headers = new HeaderMap();
    headers.add(':method', line.method);
    for (const text of lines) addHeader(headers, text);
    if (headers.size - 1 > this.#config.headersMax)
      throw new Refused({
        status: 431,
        details: 'http1.too_many_headers',
        body: 'Request Header Fields Too Large',
      });
    const authority = headers.get(':authority');
    if (authority !== undefined && !AUTHORITY.test(authority))
      throw new Refused({ ...BAD_REQUEST, details: 'http.invalid_authority' });
    setTarget(headers, line, this.#config.acceptsAbsoluteUrl);
    this.#body = bodyOf(headers);
    this.#stream += 1;
    const whole = this.#body.kind === 'none';
    this.#callbacks.onRequest({
      type: 'request',
      version: line.version,
      stream: this.#stream,
      headers,
      body: '',
      endStream: whole,
      requestId: 0,
    });
  }

  #parseBody(): boolean {
    return this.#body.kind === 'chunked' ? this.#parseChunk() : this.#parseLength();
  }

  #parseLength(): boolean {
    if (this.#body.kind !== 'length' || this.#buffer === '') return false;
    const part = this.#buffer.slice(0, this.#body.left);
    this.#buffer = this.#buffer.slice(part.length);
    this.#body.left -= part.length;
    const ends = this.#body.left === 0;
    if (ends) this.#body = { kind: 'none' };
    this.#callbacks.onData(this.#stream, part, ends);
    return true;
  }

  #parseChunk(): boolean {
    const line = /^([^\r\n]*)\r?\n/.exec(this.#buffer);
    if (!line) return false;
    const size = /^([0-9a-fA-F]+)[ \t]*(?:;.*)?$/.exec(line[1]!);
    if (!size) throw new Refused(BAD_REQUEST);
    const length = Number.parseInt(size[1]!, 16);
    const start = line[0].length;
    if (length === 0) {
      const end = /\r?\n/.exec(this.#buffer.slice(start));
      if (!end) return false;
      this.#buffer = this.#buffer.slice(start + end.index + end[0].length);
      this.#body = { kind: 'none' };
      this.#callbacks.onData(this.#stream, '', true);
      return true;
    }
    if (this.#buffer.length < start + length + 2) return false;
    const part = this.#buffer.slice(start, start + length);
    this.#buffer = this.#buffer.slice(start + length).replace(/^\r?\n/, '');
    this.#callbacks.onData(this.#stream, part, false);
    return true;
  }
}

interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly version: HttpVersion;
}

function parseRequestLine(text: string): RequestLine {
  const found = /^(\S+) (\S+) HTTP\/(\d)\.(\d)$/.exec(text);
  if (!found || !METHODS.has(found[1]!)) throw new Refused(BAD_REQUEST);
  const [, method = '', target = '', major, minor] = found;
  if (!/^(?:[/*]|[a-z][a-z0-9+.-]*:\/\/)/i.test(target) && method !== 'CONNECT')
    throw new Refused(BAD_REQUEST);
  if (major !== '1')
    throw new Refused({ status: 426, details: 'low_version', body: 'Upgrade Required' });
  return { method, target, version: minor === '0' ? 'HTTP/1.0' : 'HTTP/1.1' };
}

function addHeader(headers: HeaderMap, line: string): void {
  const colon = line.indexOf(':');
  if (colon <= 0) throw new Refused(BAD_REQUEST);
  const name = line.slice(0, colon).toLowerCase();
  const value = line.slice(colon + 1).trim();
  if (!TOKEN.test(name)) throw new Refused(BAD_REQUEST);
  if (/[\0\r\n]/.test(value))
    throw new Refused({ ...BAD_REQUEST, details: 'http1.invalid_characters' });
  if (name !== 'host') headers.add(name, value);
  else if (!headers.has(':authority')) headers.add(':authority', value);
}

/** An absolute target brings its own host and scheme. */
function setTarget(headers: HeaderMap, { target }: RequestLine, acceptsAbsolute: boolean): void {
  const absolute = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(target);
  if (!absolute || !acceptsAbsolute) {
    headers.add(':path', target);
    return;
  }
  headers.set(':authority', absolute[2]!);
  const rest = absolute[3]!;
  headers.add(':path', rest.startsWith('/') ? rest : `/${rest}`);
}

function bodyOf(headers: HeaderMap): Body {
  const encoding = headers.get('transfer-encoding');
  const lengths = new Set(headers.getAll('content-length'));
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== 'chunked')
      throw new Refused({
        status: 501,
        details: 'http1.invalid_transfer_encoding',
        body: 'Not Implemented',
      });
    if (lengths.size > 0)
      throw new Refused({
        ...BAD_REQUEST,
        details: 'http1.content_length_and_chunked_not_allowed',
      });
    return { kind: 'chunked' };
  }
  if (lengths.size === 0) return { kind: 'none' };
  const [length = ''] = lengths;
  if (lengths.size > 1 || !/^\d+$/.test(length)) throw new Refused(BAD_REQUEST);
  return length === '0' ? { kind: 'none' } : { kind: 'length', left: Number(length) };
}
