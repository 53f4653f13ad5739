/** A scripted backend: what it answers, and each request it saw. */
import type {
  CloseKind,
  ConnectionEnd,
  ConnectionHandler,
  WireMessage,
} from '../../sim/network/connection.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { MS } from '../../sim/time.ts';
import { Message } from '../../proxy/config/message.ts';
import { HeaderMap } from '../../proxy/http/header-map.ts';
import { Secrets } from '../../proxy/tls/secrets.ts';
import { StatsStore } from '../../proxy/stats.ts';
import { ServerTlsContext, type ServerHandshake } from '../../proxy/tls/server-tls.ts';
import type { HttpRequestMessage, Wire } from '../../proxy/wire.ts';
import {
  expand,
  headerPairs,
  parseAddress,
  type ScriptedResponse,
  type UpstreamSpec,
} from './script.ts';

/** One request as a backend received it. */
export interface SeenRequest {
  readonly upstream: string;
  readonly method: string;
  readonly path: string;
  readonly pairs: [string, string][];
  body: string;
}

export class ScriptedUpstream {
  readonly spec: UpstreamSpec;
  readonly simulation: Simulation;
  readonly seen: SeenRequest[];
  readonly tls: ServerTlsContext | undefined;
  readonly #used = new Map<string, number>();

  constructor(spec: UpstreamSpec, namespace: NetworkNamespace, seen: SeenRequest[]) {
    this.spec = spec;
    this.simulation = namespace.network.simulation;
    this.seen = seen;
    this.tls = spec.tls && serverTls(spec, this.simulation);
    if (spec.mode === 'refuse' || spec.mode === 'blackhole') return;
    const { ip, port } = parseAddress(spec.address);
    namespace.listen(port, (end) => new UpstreamConnection(this, end), { address: ip });
  }

  /** The plan's next response; the last one for ever. */
  nextResponse(target: string): ScriptedResponse {
    const path = target.split('?')[0]!;
    const byPath = this.spec.by_path?.[path];
    const key = byPath ? path : '';
    const plan = byPath ?? this.spec.responses ?? [{}];
    let turn = this.#used.get(key) ?? 0;
    this.#used.set(key, turn + 1);
    for (const response of plan) {
      if (turn < (response.times ?? 1)) return response;
      turn -= response.times ?? 1;
    }
    return plan.at(-1)!;
  }
}

function closeAccepted(connection: UpstreamConnection): void {
  connection.closeAccepted();
}

function serverTls(spec: UpstreamSpec, simulation: Simulation): ServerTlsContext {
  const { cert, key, ca, alpn } = spec.tls!;
  const context = {
    tls_certificates: [
      { certificate_chain: { inline_string: cert }, private_key: { inline_string: key } },
    ],
    ...(ca ? { validation_context: { trusted_ca: { inline_string: ca } } } : {}),
    ...(alpn ? { alpn_protocols: alpn } : {}),
  };
  return new ServerTlsContext(
    new Message({ common_tls_context: context, require_client_certificate: Boolean(ca) }),
    { simulation, stats: new StatsStore(simulation), secrets: new Secrets() },
    'upstream.',
  );
}

/** How soon after accept a process that only closes has closed. */
const CLOSE_US = 200;

class UpstreamConnection implements ConnectionHandler {
  readonly #upstream: ScriptedUpstream;
  readonly #end: ConnectionEnd;
  #handshake: ServerHandshake | undefined = undefined;
  #hasUnread = false;
  #current: { request: HttpRequestMessage; seen: SeenRequest } | undefined = undefined;

  constructor(upstream: ScriptedUpstream, end: ConnectionEnd) {
    this.#upstream = upstream;
    this.#end = end;
  }

  onConnected(): void {
    const { mode } = this.#upstream.spec;
    if (mode === 'reset') this.#end.reset();
    if (mode === 'close')
      this.#upstream.simulation.schedule(CLOSE_US, closeAccepted, this, undefined);
  }

  /** Closing a socket with bytes that nobody has read sends RST in place of FIN. */
  closeAccepted(): void {
    if (this.#hasUnread) this.#end.reset();
    else this.#end.close();
  }

  onConnectFailed(): void {
    throw new Error('an accepted connection cannot fail to connect');
  }

  onClosed(end: ConnectionEnd, how: CloseKind): void {
    if (how === 'fin') end.close();
  }

  onMessage(_end: ConnectionEnd, wire: WireMessage): void {
    const message = wire as Wire;
    const { tls, spec } = this.#upstream;
    if (tls && !this.#handshake) {
      this.#handshake = tls.accept(this.#end, message, {
        onTlsReady: () => undefined,
        onTlsFailed: () => undefined,
      });
      return;
    }
    if (this.#handshake && !this.#handshake.isDone) {
      this.#handshake.onMessage(message);
      return;
    }
    if (spec.mode === 'close') {
      this.#hasUnread = true;
      return;
    }
    if (spec.mode === 'hang') return;
    if (spec.mode === 'tcp_echo') this.#echo(message);
    else this.#http(message);
  }

  #echo(message: Wire): void {
    if (message.type !== 'bytes') return;
    const bytes = `${this.#upstream.spec.name}:${message.bytes}`;
    this.#end.write({ type: 'bytes', bytes } as Wire, bytes.length);
  }

  #http(message: Wire): void {
    if (message.type === 'request') {
      if (message.version === 'HTTP/2') {
        // To a server of HTTP/1.1 the preface is a request it answers in its own way.
        const bytes = 'HTTP/1.1 200 X\r\ncontent-length: 0\r\n\r\n';
        this.#end.write({ type: 'bytes', bytes } as Wire, bytes.length);
        return;
      }
      const seen = seenRequest(this.#upstream.spec.name, message);
      this.#upstream.seen.push(seen);
      this.#current = { request: message, seen };
      if (message.endStream || message.headers.has('upgrade')) this.#answer();
    } else if (message.type === 'data' && this.#current) {
      this.#current.seen.body += message.body;
      if (message.endStream) this.#answer();
    } else if (message.type === 'trailers') this.#answer();
    else if (message.type === 'tls-client-hello') this.#end.close();
  }

  #answer(): void {
    const { request } = this.#current!;
    const plan = this.#upstream.nextResponse(request.headers.get(':path') ?? '/');
    const respond = () => this.#respond(request, plan);
    if (plan.delay_ms) this.#after(plan.delay_ms, respond);
    else respond();
  }

  #after(ms: number, action: () => void): void {
    this.#upstream.simulation.schedule(ms * MS, (run: () => void) => run(), action, undefined);
  }

  #respond(request: HttpRequestMessage, plan: ScriptedResponse): void {
    const end = this.#end;
    if (plan.reset) end.reset();
    else if (plan.close) end.close();
    else if (plan.raw !== undefined) {
      const parsed = rawResponse(plan.raw);
      if (parsed) {
        const { version, stream, requestId } = request;
        end.write(
          {
            type: 'response',
            version,
            stream,
            headers: parsed,
            body: '',
            endStream: false,
            requestId,
          } as Wire,
          plan.raw.length,
        );
        return;
      }
      end.write({ type: 'bytes', bytes: plan.raw } as Wire, plan.raw.length);
      if (plan.then_close) end.close();
    } else this.#respondHttp(request, plan);
  }

  #respondHttp(request: HttpRequestMessage, plan: ScriptedResponse): void {
    const status = plan.status ?? 200;
    const body = expand(plan.body ?? this.#upstream.spec.name, 0);
    const isBodiless = status === 204 || status === 304;
    const headers = new HeaderMap([':status'], [String(status)]);
    for (const [name, value] of headerPairs(plan.headers)) headers.add(name.toLowerCase(), value);
    if (!isBodiless) headers.add('content-length', String(byteLength(body)));
    const sent = isBodiless || request.headers.get(':method') === 'HEAD' ? '' : body;
    const { version, stream, requestId } = request;
    const write = (part: string, endStream: boolean) =>
      this.#end.write(
        { type: 'response', version, stream, headers, body: part, endStream, requestId } as Wire,
        headers.byteSize + part.length,
      );
    if (plan.truncate) {
      write(sent.slice(0, sent.length / 2), false);
      this.#after(50, () => this.#end.reset());
    } else if (plan.body_delay_ms) {
      write('', false);
      this.#after(plan.body_delay_ms, () =>
        this.#end.write({ type: 'data', stream, body: sent, endStream: true } as Wire, sent.length),
      );
    } else write(sent, true);
  }
}

/** Bytes that are a whole head without a body, such as a 101; undefined for anything else. */
function rawResponse(raw: string): HeaderMap | undefined {
  const head = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[\w-]+: [^\r\n]*\r\n)*)\r\n$/.exec(raw);
  if (!head || head[2]!.includes('content-length')) return undefined;
  const headers = new HeaderMap([':status'], [head[1]!]);
  for (const line of head[2]!.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.add(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Methods for which HTTP/1 says nothing of a body that is not there. */
const BODILESS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'CONNECT', 'TRACE']);

function seenRequest(
  upstream: string,
  { headers, body, endStream }: HttpRequestMessage,
): SeenRequest {
  const pairs: [string, string][] = [];
  let framed = false;
  for (const [name, value] of headers.entries()) {
    if (name === ':authority') pairs.push(['host', value]);
    else if (!name.startsWith(':')) pairs.push([name, value]);
    framed ||= name === 'content-length';
  }
  if (!framed && endStream && body === '' && !BODILESS.has(headers.get(':method') ?? ''))
    pairs.push(['content-length', '0']);
  if (!framed && (body !== '' || (!endStream && !headers.has('upgrade'))))
    pairs.push(['transfer-encoding', 'chunked']);
  return {
    upstream,
    method: headers.get(':method') ?? '',
    path: headers.get(':path') ?? '',
    pairs,
    body,
  };
}
