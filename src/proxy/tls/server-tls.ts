/**
 * Models the server's side of a TLS handshake. The listener has read the client hello already, to
 * choose a filter chain by it; here it is answered.
 *
 * Spec: RFC 8446 section 2, RFC 5246 section 7.3; https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto#extensions-transport-sockets-tls-v3-downstreamtlscontext
 * Simplified: nothing is encrypted, keys are not used. A resumed session still judges certificates.
 */
import type { ConnectionEnd, WireMessage } from '../../sim/network/connection.ts';
import { wallClockMs } from '../../sim/time.ts';
import type { Message } from '../config/message.ts';
import type { DownstreamTls } from '../stream-info.ts';
import type {
  TlsAlertMessage,
  TlsClientFinishedMessage,
  TlsClientHelloMessage,
  TlsServerFinishedMessage,
  TlsServerHelloMessage,
  TlsVersion,
} from '../wire.ts';
import { coversDnsName, leafOf } from './peer-names.ts';
import { refusalWithoutCertificate, type Refusal } from './peer-validation.ts';
import {
  ALERT_BYTES,
  FINISHED_BYTES,
  FULL_HANDSHAKE_US,
  HELLO_BYTES,
  negotiateVersion,
  RESUMED_HANDSHAKE_US,
  TlsContext,
  type TlsSurroundings,
} from './tls-context.ts';
import {
  alertFailure,
  inspectorFailure,
  SECRET_MISSING,
  tlsFailure,
  type TlsReason,
} from './tls-failure.ts';
import { TlsStats } from './tls-stats.ts';

/** Who accepted the connection. Exactly one of the two is called, once. */
export interface ServerHandshakeListener {
  /** From now on messages of the connection are the application's. */
  onTlsReady(tls: DownstreamTls): void;
  /**
   * Words for DOWNSTREAM_TRANSPORT_FAILURE_REASON; the connection is closed. `tls` is what was known
   * of the client by then: undefined before it showed, or failed to show, a certificate.
   */
  onTlsFailed(transportFailureReason: string, tls: DownstreamTls | undefined): void;
}

/** What a listener may match a filter chain by, once the first message is there. */
export interface InspectedHello {
  readonly transportProtocol: 'tls' | 'raw_buffer';
  readonly serverName: string;
  readonly alpn: readonly string[];
  /** What the inspector says of a first message that is no TLS; "" for TLS. */
  readonly failure: string;
}

/** The TLS inspector: looks at the first message and takes nothing away. */
export function inspectTls(message: WireMessage): InspectedHello {
  if (message.type !== 'tls-client-hello') {
    const failure = inspectorFailure(reasonOf(message));
    return { transportProtocol: 'raw_buffer', serverName: '', alpn: [], failure };
  }
  const hello = message as TlsClientHelloMessage;
  return { transportProtocol: 'tls', serverName: hello.sni, alpn: hello.alpn, failure: '' };
}

/** What BoringSSL calls a first message that is no hello. */
function reasonOf(message: WireMessage): TlsReason {
  return message.type === 'request' ? 'HTTP_REQUEST' : 'WRONG_VERSION_NUMBER';
}

/** What a client needs to resume: good for one server context and one state of its secrets. */
interface Ticket {
  readonly context: ServerTlsContext;
  readonly secretsVersion: number;
}

export class ServerTlsContext {
  readonly context: TlsContext;
  readonly stats: TlsStats;
  readonly requiresClientCertificate: boolean;

  /** `resource`: a DownstreamTlsContext. `statPrefix`: "listener.ADDRESS.". */
  constructor(resource: Message, surroundings: TlsSurroundings, statPrefix: string) {
    this.context = new TlsContext(
      resource.messageOrEmpty('common_tls_context'),
      surroundings,
      'TLSv1.3',
    );
    this.stats = new TlsStats(statPrefix, surroundings.stats);
    this.requiresClientCertificate = resource.flag('require_client_certificate');
  }

  /** Are all secrets there? A listener is not warm before. */
  get isReady(): boolean {
    return this.context.isReady;
  }

  /**
   * Answers the first message of a connection, which should be a client hello. Give the handshake
   * the further messages until it is done.
   */
  accept(
    end: ConnectionEnd,
    first: WireMessage,
    listener: ServerHandshakeListener,
  ): ServerHandshake {
    const handshake = new ServerHandshake(this, end, listener);
    handshake.begin(first);
    return handshake;
  }

  close(): void {
    this.context.close();
  }
}

export class ServerHandshake {
  readonly #server: ServerTlsContext;
  readonly #end: ConnectionEnd;
  readonly #listener: ServerHandshakeListener;
  #hello: TlsClientHelloMessage | undefined;
  #version: TlsVersion = 'TLSv1.3';
  #alpn = '';
  #chain = '';
  #isResumed = false;
  /** Succeeded or failed: messages are no longer for the handshake. */
  isDone = false;

  constructor(server: ServerTlsContext, end: ConnectionEnd, listener: ServerHandshakeListener) {
    this.#server = server;
    this.#end = end;
    this.#listener = listener;
  }

  begin(first: WireMessage): void {
    const { context, stats } = this.#server;
    if (!context.isReady) {
      context.surroundings.stats.counter('downstream_context_secrets_not_ready').inc();
      this.#fail(SECRET_MISSING, undefined);
      return;
    }
    if (first.type !== 'tls-client-hello') {
      stats.connectionError.inc();
      this.#fail(tlsFailure(reasonOf(first)), undefined);
      return;
    }
    const hello = first as TlsClientHelloMessage;
    const version = negotiateVersion(context, hello);
    this.#hello = hello;
    if (version === undefined) {
      stats.connectionError.inc();
      this.#fail(tlsFailure('UNSUPPORTED_PROTOCOL'), 'protocol_version');
      return;
    }
    this.#version = version;
    this.#alpn = context.alpn.find((protocol) => hello.alpn.includes(protocol)) ?? '';
    this.#chain = this.#certificateFor(hello.sni);
    const ticket = hello.session as Ticket | undefined;
    this.#isResumed =
      ticket?.context === this.#server && ticket.secretsVersion === context.secretsVersion;
    context.surroundings.simulation.schedule(
      this.#isResumed ? RESUMED_HANDSHAKE_US : FULL_HANDSHAKE_US,
      sendServerHello,
      this,
      undefined,
    );
  }

  sendHello(): void {
    const { context } = this.#server;
    const message: TlsServerHelloMessage = {
      type: 'tls-server-hello',
      version: this.#version,
      alpn: this.#alpn,
      certificateChain: this.#chain,
      requestsClientCertificate:
        this.#server.requiresClientCertificate || context.materials.validation.isNeeded,
      isResumed: this.#isResumed,
      session: { context: this.#server, secretsVersion: context.secretsVersion } satisfies Ticket,
    };
    this.#end.write(message, HELLO_BYTES + (this.#isResumed ? 0 : this.#chain.length));
  }

  onMessage(message: WireMessage): void {
    if (this.isDone) return;
    const { stats } = this.#server;
    if (message.type === 'tls-alert') {
      stats.connectionError.inc();
      this.#fail(alertFailure((message as TlsAlertMessage).alert), undefined);
      return;
    }
    if (message.type !== 'tls-client-finished') {
      stats.connectionError.inc();
      this.#fail(tlsFailure('WRONG_VERSION_NUMBER'), undefined);
      return;
    }
    this.#finish((message as TlsClientFinishedMessage).certificateChain);
  }

  #finish(chain: string): void {
    const { stats } = this.#server;
    const refusal = this.#refusalOf(chain);
    if (refusal) {
      stats[refusal.statistic].inc();
      this.#fail(refusal.words, refusal.alert, this.#tlsWith(chain));
      return;
    }
    this.isDone = true;
    stats.countHandshake(this.#version, this.#isResumed);
    if (chain === '') stats.noCertificate.inc();
    if (this.#version !== 'TLSv1.3') {
      const finished: TlsServerFinishedMessage = { type: 'tls-server-finished' };
      this.#end.write(finished, FINISHED_BYTES);
    }
    this.#listener.onTlsReady(this.#tlsWith(chain));
  }

  #tlsWith(peerChain: string): DownstreamTls {
    return downstreamTls(this.#version, this.#hello!.sni, this.#alpn, peerChain, this.#chain);
  }

  #refusalOf(chain: string): Refusal | undefined {
    const { context, requiresClientCertificate } = this.#server;
    if (chain === '')
      return requiresClientCertificate
        ? refusalWithoutCertificate(this.#version === 'TLSv1.3')
        : undefined;
    const { now } = context.surroundings.simulation;
    return context.materials.validation.refusalOf(chain, wallClockMs(now), '');
  }

  /** The certificate that covers the server name, else the first. */
  #certificateFor(sni: string): string {
    const { certificates } = this.#server.context.materials;
    if (certificates.length < 2 || sni === '') return certificates[0] ?? '';
    const covers = (chain: string) =>
      leafOf(chain)?.dnsNames.some((name) => coversDnsName(name, sni));
    return certificates.find(covers) ?? certificates[0]!;
  }

  #fail(words: string, alert: string | undefined, tls?: DownstreamTls): void {
    this.isDone = true;
    if (alert !== undefined) {
      const message: TlsAlertMessage = { type: 'tls-alert', alert };
      this.#end.write(message, ALERT_BYTES);
      this.#end.close();
    } else this.#end.reset();
    this.#listener.onTlsFailed(words, tls);
  }
}

function sendServerHello(handshake: ServerHandshake): void {
  if (!handshake.isDone) handshake.sendHello();
}

function downstreamTls(
  version: TlsVersion,
  sni: string,
  alpn: string,
  peerChain: string,
  ownChain: string,
): DownstreamTls {
  const peer = leafOf(peerChain);
  const own = leafOf(ownChain);
  return {
    version,
    sni,
    alpn,
    peerPresented: peer !== undefined,
    peerSubject: peer?.subject ?? '',
    peerIssuer: peer?.issuer ?? '',
    peerUriSans: peer?.uris ?? [],
    peerDnsSans: peer?.dnsNames ?? [],
    localUriSans: own?.uris ?? [],
    localSubject: own?.subject ?? '',
    peerFingerprint: peer?.fingerprint ?? '',
    peerCertificate: peer?.pem ?? '',
    peerChain,
  };
}
