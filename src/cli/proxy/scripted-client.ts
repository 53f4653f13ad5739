/** A scripted client: one downstream connection that sends a step's requests and keeps what came. */
import type {
  ConnectionEnd,
  ConnectionHandler,
  WireMessage,
} from '../../sim/network/connection.ts';
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { MS } from '../../sim/time.ts';
import { HeaderMap } from '../../proxy/http/header-map.ts';
import type { TlsServerHelloMessage, Wire } from '../../proxy/wire.ts';
import { byteLength } from './scripted-upstream.ts';
import { expand, headerPairs, parseAddress, type StepSpec } from './script.ts';

/** What one request came to. */
export interface Exchange {
  client?: string;
  status?: number;
  pairs?: [string, string][];
  body?: string;
  protocol?: string;
  interim?: number[];
  closes?: boolean;
  error?: string;
  received?: string;
  end?: 'open' | 'closed';
}

/** No scripted request may take longer. */
const CLIENT_LIMIT_MS = 20_000;
/** How long a raw step watches whether the connection is closed. */
const WATCH_MS = 300;

export class ScriptedClient implements ConnectionHandler {
  readonly #step: StepSpec;
  readonly #namespace: NetworkNamespace;
  readonly #simulation: Simulation;
  #end: ConnectionEnd | undefined = undefined;
  #isReady = false;
  #n = 0;
  #stream = 0;
  #caseId = '';
  #result: Exchange = {};
  #done: ((result: Exchange) => void) | undefined = undefined;
  #timer: TimerHandle = NO_TIMER;
  #quietTimer: TimerHandle = NO_TIMER;
  #sent = 0;
  #isAnswered = false;
  #isWatching = false;

  constructor(step: StepSpec, namespace: NetworkNamespace) {
    this.#step = step;
    this.#namespace = namespace;
    this.#simulation = namespace.network.simulation;
  }

  /** Sends request `n` of the step; `done` hears what came back. */
  exchange(n: number, caseId: string, done: (result: Exchange) => void): void {
    this.#n = n;
    this.#caseId = caseId;
    this.#result = {};
    this.#done = done;
    this.#isAnswered = false;
    this.#isWatching = false;
    this.#sent = 0;
    const limitMs = this.#step.close_after_ms ?? CLIENT_LIMIT_MS;
    this.#timer = this.#later(limitMs, () => this.#finish('client_gave_up'));
    if (this.#end) this.#send();
    else this.#connect();
  }

  #connect(): void {
    const { listener, source } = this.#step;
    const from = expand(source ?? '127.0.0.1', this.#n);
    this.#isReady = false;
    this.#end = this.#namespace.connect(parseAddress(listener), this, { source: from });
    this.#remember();
  }

  #remember(): void {
    const { ip, port } = this.#end!.local;
    this.#result.client = `${ip}:${port}`;
  }

  onConnected(end: ConnectionEnd): void {
    const { tls } = this.#step;
    if (!tls) {
      this.#isReady = true;
      this.#send();
      return;
    }
    end.write(
      {
        type: 'tls-client-hello',
        sni: tls.sni ?? '',
        alpn: tls.alpn ?? [],
        versionMin: 'TLSv1.2',
        versionMax: 'TLSv1.3',
      } as Wire,
      500,
    );
  }

  onConnectFailed(): void {
    this.#end = undefined;
    this.#finish('refused');
  }

  onClosed(end: ConnectionEnd): void {
    end.close();
    this.#end = undefined;
    if (!this.#done) return;
    if (this.#isWatching) {
      this.#result.closes = true;
      this.#finish();
    } else if (this.#step.tcp) {
      this.#result.end = 'closed';
      this.#finish();
    } else if (this.#isAnswered && this.#hasUnframedBody()) this.#onAnswered();
    else this.#finish('closed');
  }

  #hasUnframedBody(): boolean {
    const names = this.#result.pairs?.map(([name]) => name) ?? [];
    return !names.includes('content-length') && !names.includes('transfer-encoding');
  }

  onMessage(end: ConnectionEnd, wire: WireMessage): void {
    const message = wire as Wire;
    switch (message.type) {
      case 'tls-server-hello':
        this.#onServerHello(end, message);
        return;
      case 'tls-server-finished':
        this.#isReady = true;
        this.#send();
        return;
      case 'tls-alert':
        return;
      case 'response':
        this.#onResponse(message.headers, message.version, message.body, message.endStream);
        return;
      case 'data':
        this.#onBody(message.body, message.endStream);
        return;
      case 'trailers':
        this.#onBody('', true);
        return;
      case 'bytes':
        if (this.#step.tcp) this.#onTcpBytes(message.bytes);
        return;
    }
  }

  #onServerHello(end: ConnectionEnd, { version }: TlsServerHelloMessage): void {
    const chain = this.#step.tls?.cert ?? '';
    end.write({ type: 'tls-client-finished', certificateChain: chain } as Wire, 500 + chain.length);
    if (version !== 'TLSv1.3') return;
    this.#isReady = true;
    this.#send();
  }

  // ---- sending ------------------------------------------------------------------------------

  #send(): void {
    if (!this.#isReady || !this.#end || !this.#done) return;
    this.#remember();
    const { raw, tcp } = this.#step;
    if (tcp) this.#sendTcp();
    else if (raw !== undefined) {
      const bytes = expand(raw, this.#n).replaceAll('{case_id}', this.#caseId);
      this.#end.write({ type: 'bytes', bytes } as Wire, bytes.length);
    } else this.#sendRequest();
  }

  #sendRequest(): void {
    const step = this.#step;
    const n = this.#n;
    const method = step.method ?? 'GET';
    const body = expand(step.body ?? '', n);
    const authority = step.authority === undefined ? step.listener : step.authority;
    const headers = new HeaderMap([':method', ':path'], [method, expand(step.path ?? '/', n)]);
    if (authority !== null) headers.add(':authority', expand(authority, n));
    for (const [name, value] of headerPairs(step.headers))
      headers.add(name.toLowerCase(), expand(value, n));
    headers.add('x-case-id', this.#caseId);
    if (body !== '' || ['POST', 'PUT', 'PATCH'].includes(method))
      headers.add('content-length', String(byteLength(body)));
    // Head and body are two writes: an answer that does not wait for the body closes.
    const waits = body !== '';
    this.#stream += 1;
    const stream = this.#stream;
    const sent = waits ? '' : body;
    const end = this.#end!;
    end.write(
      {
        type: 'request',
        version: 'HTTP/1.1',
        stream,
        headers,
        body: sent,
        endStream: !waits,
        requestId: 0,
      } as Wire,
      headers.byteSize + sent.length,
    );
    if (waits)
      this.#later(step.body_delay_ms ?? 0, () =>
        end.write({ type: 'data', stream, body, endStream: true } as Wire, body.length),
      );
  }

  #sendTcp(): void {
    const texts = this.#step.tcp!.send ?? [''];
    const text = texts[this.#sent++];
    if (text === undefined) {
      this.#result.end ??= 'open';
      this.#result.received ??= '';
      this.#finish();
      return;
    }
    this.#result.received ??= '';
    const bytes = expand(text, this.#n);
    if (bytes) this.#end?.write({ type: 'bytes', bytes } as Wire, bytes.length);
    this.#waitForQuiet();
  }

  #waitForQuiet(): void {
    this.#simulation.cancel(this.#quietTimer);
    this.#quietTimer = this.#later(this.#step.tcp!.quiet_ms ?? 200, () => this.#sendTcp());
  }

  #onTcpBytes(bytes: string): void {
    this.#result.received = (this.#result.received ?? '') + bytes;
    this.#waitForQuiet();
  }

  // ---- receiving ----------------------------------------------------------------------------

  #onResponse(headers: HeaderMap, version: string, body: string, endStream: boolean): void {
    const status = Number(headers.get(':status'));
    if (status < 200 && status !== 101) {
      (this.#result.interim ??= []).push(status);
      return;
    }
    this.#isAnswered = true;
    this.#result.status = status;
    this.#result.pairs = [...headers.entries()].filter(([name]) => !name.startsWith(':'));
    if (this.#step.raw !== undefined) this.#result.protocol = version;
    this.#result.body = '';
    this.#onBody(body, endStream || status === 101);
  }

  #onBody(body: string, endStream: boolean): void {
    this.#result.body = (this.#result.body ?? '') + body;
    if (endStream) this.#onAnswered();
  }

  #onAnswered(): void {
    if (this.#step.raw === undefined && !this.#step.watch_close) {
      this.#finish();
      return;
    }
    if (!this.#end) {
      this.#result.closes = true;
      this.#finish();
      return;
    }
    this.#isWatching = true;
    this.#later(WATCH_MS, () => {
      if (!this.#isWatching) return;
      this.#result.closes = false;
      this.#finish();
    });
  }

  #finish(error?: string): void {
    const done = this.#done;
    if (!done) return;
    this.#done = undefined;
    this.#isWatching = false;
    this.#simulation.cancel(this.#timer);
    this.#simulation.cancel(this.#quietTimer);
    const result = this.#result;
    if (error !== undefined) {
      result.error = error;
      // A body that was cut off is not part of the answer.
      if (result.body !== undefined) delete result.body;
    }
    const closes = result.pairs?.some(
      ([name, value]) => name === 'connection' && value === 'close',
    );
    if (error !== undefined || this.#step.new_connection || this.#step.tcp || closes) this.close();
    done(result);
  }

  close(): void {
    this.#end?.close();
    this.#end = undefined;
  }

  #later(ms: number, action: () => void): TimerHandle {
    return this.#simulation.schedule(ms * MS, (run: () => void) => run(), action, undefined);
  }
}
