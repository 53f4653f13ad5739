/**
 * Models the client's side of a TLS handshake, on connections to hosts of a cluster.
 *
 * Spec: RFC 8446 section 2, RFC 5246 section 7.3; https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto#extensions-transport-sockets-tls-v3-upstreamtlscontext
 * Simplified: nothing is encrypted, keys are not used. A resumed session still judges certificates.
 */
import type { ConnectionEnd, WireMessage } from '../../sim/network/connection.ts';
import { wallClockMs } from '../../sim/time.ts';
import type { Message } from '../config/message.ts';
import type {
  ClientHandshake,
  ClientTransport,
  HandshakeListener,
} from '../upstream/transport-socket.ts';
import type {
  TlsAlertMessage,
  TlsClientFinishedMessage,
  TlsClientHelloMessage,
  TlsServerHelloMessage,
  TlsVersion,
} from '../wire.ts';
import { identityOf, leafOf } from './peer-names.ts';
import type { Refusal } from './peer-validation.ts';
import {
  ALERT_BYTES,
  FINISHED_BYTES,
  FULL_HANDSHAKE_US,
  HELLO_BYTES,
  RESUMED_HANDSHAKE_US,
  TlsContext,
  type TlsSurroundings,
} from './tls-context.ts';
import { alertFailure, SECRET_MISSING, tlsFailure } from './tls-failure.ts';
import { TlsStats } from './tls-stats.ts';

/** What a request or its pool may want otherwise than the context says. */
export interface ClientTlsOptions {
  /** Replaces the protocols offered. */
  readonly alpn: readonly string[] | undefined;
  /** Offered when neither the context nor a request says anything. */
  readonly alpnFallback: readonly string[];
  /** auto_sni: replaces the server name; "" keeps that of the context. */
  readonly serverName: string;
  /** auto_san_validation: the certificate must carry the server name. */
  readonly mustCarryServerName: boolean;
}

export class ClientTlsContext {
  readonly context: TlsContext;
  readonly stats: TlsStats;
  readonly sni: string;
  readonly #sessionsMax: number;
  /** Sessions to resume, newest last, by server name. Bound: max_session_keys. */
  readonly #sessions = new Map<string, object>();
  #sessionsVersion = -1;

  /** `resource`: an UpstreamTlsContext. `statPrefix`: "cluster.NAME.". */
  constructor(resource: Message, surroundings: TlsSurroundings, statPrefix: string) {
    // Envoy's clients speak TLS 1.2 unless they are told to go further.
    this.context = new TlsContext(
      resource.messageOrEmpty('common_tls_context'),
      surroundings,
      'TLSv1.2',
    );
    this.stats = new TlsStats(statPrefix, surroundings.stats);
    this.sni = resource.text('sni');
    this.#sessionsMax = resource.number('max_session_keys') ?? 1;
  }

  /** The transport of a pool. */
  transport(options: ClientTlsOptions): ClientTransport {
    return {
      start: (end, listener) => new TlsClientHandshake(this, options, end, listener),
    };
  }

  sessionFor(serverName: string): object | undefined {
    if (this.#sessionsVersion !== this.context.secretsVersion) this.#sessions.clear();
    this.#sessionsVersion = this.context.secretsVersion;
    return this.#sessions.get(serverName);
  }

  rememberSession(serverName: string, session: object): void {
    if (this.#sessionsMax === 0) return;
    this.#sessions.delete(serverName);
    this.#sessions.set(serverName, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > this.#sessionsMax && oldest !== undefined)
      this.#sessions.delete(oldest);
  }

  close(): void {
    this.context.close();
  }
}

class TlsClientHandshake implements ClientHandshake {
  readonly #client: ClientTlsContext;
  readonly #options: ClientTlsOptions;
  readonly #end: ConnectionEnd;
  readonly #listener: HandshakeListener;
  readonly serverName: string;
  isDone = false;
  alpn = '';
  peerIdentity = '';
  version: TlsVersion = 'TLSv1.3';
  isResumed = false;
  #isFinishedSent = false;

  constructor(
    client: ClientTlsContext,
    options: ClientTlsOptions,
    end: ConnectionEnd,
    listener: HandshakeListener,
  ) {
    this.#client = client;
    this.#options = options;
    this.#end = end;
    this.#listener = listener;
    this.serverName = options.serverName || client.sni;
    const { context } = client;
    if (!context.isReady) {
      context.surroundings.stats.counter('upstream_context_secrets_not_ready').inc();
      this.#later(0, giveUpWithoutSecret);
      return;
    }
    const hello: TlsClientHelloMessage = {
      type: 'tls-client-hello',
      sni: this.serverName,
      alpn: options.alpn ?? (context.alpn.length > 0 ? context.alpn : options.alpnFallback),
      versionMin: context.versionMin,
      versionMax: context.versionMax,
      session: client.sessionFor(this.serverName),
    };
    end.write(hello, HELLO_BYTES);
  }

  onMessage(message: WireMessage): void {
    if (this.isDone) return;
    switch (message.type) {
      case 'tls-server-hello':
        this.#onServerHello(message as TlsServerHelloMessage);
        return;
      case 'tls-server-finished':
        if (this.#isFinishedSent) this.#succeed();
        return;
      case 'tls-alert':
        this.#client.stats.connectionError.inc();
        this.fail(alertFailure((message as TlsAlertMessage).alert));
        return;
      default:
        this.#client.stats.connectionError.inc();
        this.fail(tlsFailure('WRONG_VERSION_NUMBER'));
    }
  }

  #onServerHello(hello: TlsServerHelloMessage): void {
    const { context, stats } = this.#client;
    const refusal = this.#refusalOf(hello.certificateChain);
    if (refusal) {
      stats[refusal.statistic].inc();
      const alert: TlsAlertMessage = { type: 'tls-alert', alert: refusal.alert };
      this.#end.write(alert, ALERT_BYTES);
      this.fail(refusal.words);
      return;
    }
    this.version = hello.version;
    this.alpn = hello.alpn;
    this.isResumed = hello.isResumed === true;
    this.peerIdentity = identityOf(leafOf(hello.certificateChain));
    if (hello.session) this.#client.rememberSession(this.serverName, hello.session);
    const chain = hello.requestsClientCertificate ? (context.materials.certificates[0] ?? '') : '';
    const finished: TlsClientFinishedMessage = {
      type: 'tls-client-finished',
      certificateChain: chain,
    };
    const costUs = this.isResumed ? RESUMED_HANDSHAKE_US : FULL_HANDSHAKE_US;
    context.surroundings.simulation.schedule(costUs, sendFinished, this, finished);
  }

  sendFinished(message: TlsClientFinishedMessage): void {
    if (this.isDone || this.#end.state !== 'open') return;
    this.#isFinishedSent = true;
    const bytes = FINISHED_BYTES + (this.isResumed ? 0 : message.certificateChain.length);
    this.#end.write(message, bytes);
    // TLS 1.3 lets the client go on at once; what the server thinks of its certificate comes later.
    if (this.version === 'TLSv1.3') this.#succeed();
  }

  #refusalOf(chain: string): Refusal | undefined {
    const { context } = this.#client;
    const { now } = context.surroundings.simulation;
    return context.materials.validation.refusalOf(
      chain,
      wallClockMs(now),
      this.#options.mustCarryServerName ? this.serverName : '',
    );
  }

  #succeed(): void {
    this.isDone = true;
    this.#client.stats.countHandshake(this.version, this.isResumed);
    this.#listener.onReady();
  }

  fail(words: string): void {
    this.isDone = true;
    this.#listener.onTransportFailure(words);
  }

  #later(delayUs: number, action: (handshake: TlsClientHandshake) => void): void {
    this.#client.context.surroundings.simulation.schedule(delayUs, action, this, undefined);
  }
}

function giveUpWithoutSecret(handshake: TlsClientHandshake): void {
  handshake.fail(SECRET_MISSING);
}

function sendFinished(handshake: TlsClientHandshake, message: TlsClientFinishedMessage): void {
  handshake.sendFinished(message);
}
