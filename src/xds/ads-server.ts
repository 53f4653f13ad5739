/**
 * Models the server's end of the ADS stream: who is connected, what each asked for, what was sent,
 * and what became of it. What to send is the handler's business.
 *
 * Spec: envoy api-docs/xds_protocol; istio pilot/pkg/xds/ads.go (ShouldRespond). Simplified: streams
 * are not authenticated and not closed by age.
 */
import type { CloseKind, ConnectionEnd, WireMessage } from '../sim/network/connection.ts';
import type { NetworkNamespace, SocketOwner } from '../sim/network/namespace.ts';
import { eventKind } from '../sim/trace.ts';
import type { Simulation } from '../sim/simulation.ts';
import { sendResponse, type DiscoveryRequest } from './discovery.ts';
import type { Node } from './resources/bootstrap.ts';
import type { Resource } from './resources/resource.ts';
import { XDS_TYPES, type XdsType } from './type-url.ts';

/** What a server makes of its streams. */
export interface AdsServerHandler {
  /** The first request has told who it is. A false closes the stream. */
  streamOpened(stream: AdsServerStream): boolean;
  /** A type is asked for, for the first time or with names that were not asked for before. */
  subscribed(stream: AdsServerStream, type: XdsType, added: readonly string[]): void;
  /** What was sent last was taken over, or rejected for this reason. */
  answered(stream: AdsServerStream, type: XdsType, error: string | undefined): void;
  streamClosed(stream: AdsServerStream): void;
}

/** What is known of one type on one stream. */
export interface WatchedType {
  names: readonly string[];
  nonceSent: string;
  versionSent: string;
  /** The nonce that was answered last, with an ACK or a NACK. */
  nonceAnswered: string;
  /** The last version that the proxy accepted, as it says itself. */
  versionAccepted: string;
  /** Why it rejected `versionSent`; undefined when it did not. */
  error: string | undefined;
}

const STREAM_OPENED = eventKind('xds.stream-opened', 'node$');
const STREAM_CLOSED = eventKind('xds.stream-closed', 'node$');
const PUSH = eventKind('xds.push', 'node$', 'type$', 'version$', 'resources');
const ACK = eventKind('xds.ack', 'node$', 'type$', 'version$');
const NACK = eventKind('xds.nack', 'node$', 'type$', 'version$', 'error$');

export class AdsServer {
  readonly #namespace: NetworkNamespace;
  readonly #port: number;
  readonly #owner: SocketOwner;
  readonly #handler: AdsServerHandler;
  readonly #streams = new Set<AdsServerStream>();
  #stopListening: (() => void) | undefined = undefined;

  constructor(
    namespace: NetworkNamespace,
    port: number,
    handler: AdsServerHandler,
    owner: SocketOwner = 'application',
  ) {
    this.#namespace = namespace;
    this.#port = port;
    this.#owner = owner;
    this.#handler = handler;
  }

  /** In the order in which they were opened. */
  get streams(): ReadonlySet<AdsServerStream> {
    return this.#streams;
  }

  start(): void {
    const { simulation } = this.#namespace.network;
    const accept = (end: ConnectionEnd) => {
      const stream = new AdsServerStream(simulation, end, this.#handler, this.#forget);
      this.#streams.add(stream);
      return stream;
    };
    this.#stopListening = this.#namespace.listen(this.#port, accept, { owner: this.#owner });
  }

  /** Closes the port and every stream. */
  stop(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    for (const stream of [...this.#streams]) stream.close();
  }

  readonly #forget = (stream: AdsServerStream): void => {
    this.#streams.delete(stream);
  };
}

export class AdsServerStream {
  readonly #simulation: Simulation;
  readonly #end: ConnectionEnd;
  readonly #handler: AdsServerHandler;
  readonly #onGone: (stream: AdsServerStream) => void;
  readonly #watched = new Map<XdsType, WatchedType>();
  #node: Node | undefined = undefined;
  #nonces = 0;
  #isClosed = false;
  /** For the handler's use: what this stream means to it. */
  owner: unknown = undefined;

  constructor(
    simulation: Simulation,
    end: ConnectionEnd,
    handler: AdsServerHandler,
    onGone: (stream: AdsServerStream) => void,
  ) {
    this.#simulation = simulation;
    this.#end = end;
    this.#handler = handler;
    this.#onGone = onGone;
  }

  /** What the proxy said of itself; empty before its first request. */
  get node(): Node {
    return this.#node ?? {};
  }

  /** Where the proxy connects from. */
  get peerIp(): string {
    return this.#end.remote.ip;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** What is known of a type; undefined when it was never asked for. */
  watched(type: XdsType): Readonly<WatchedType> | undefined {
    return this.#watched.get(type);
  }

  /** The types that were asked for, in push order. */
  watchedTypes(): XdsType[] {
    return XDS_TYPES.filter((type) => this.#watched.has(type));
  }

  /** Sends resources of a type that is watched, under a version. */
  send(type: XdsType, versionInfo: string, resources: readonly Resource[]): void {
    const watched = this.#watched.get(type);
    this.#simulation.assert(watched !== undefined, `${type} was not asked for`);
    watched.nonceSent = `${versionInfo}#${++this.#nonces}`;
    watched.versionSent = versionInfo;
    const nonce = watched.nonceSent;
    this.#record(PUSH, type, versionInfo, resources.length);
    sendResponse(this.#end, {
      type: 'discovery-response',
      xdsType: type,
      versionInfo,
      nonce,
      resources,
    });
  }

  close(): void {
    this.#end.close();
    this.#gone();
  }

  onConnected(): void {
    // Nothing to say before the proxy has named itself.
  }

  onConnectFailed(): void {
    this.#simulation.fail('the end of a server cannot fail to connect');
  }

  onClosed(end: ConnectionEnd, _how: CloseKind): void {
    end.close();
    this.#gone();
  }

  onMessage(_end: ConnectionEnd, message: WireMessage): void {
    if (message.type !== 'discovery-request' || this.#isClosed) return;
    const request = message as DiscoveryRequest;
    if (!this.#node && !this.#open(request)) return;
    const watched = this.#watched.get(request.xdsType);
    if (!watched || request.responseNonce === '') this.#firstRequest(request);
    else if (request.responseNonce === watched.nonceSent) this.#answer(watched, request);
    // Any other nonce is of a response that has been overtaken by a newer one: ignored.
  }

  #open(request: DiscoveryRequest): boolean {
    this.#node = request.node ?? {};
    const { trace, now } = this.#simulation;
    trace.record(STREAM_OPENED, now, trace.intern(this.#name));
    if (this.#handler.streamOpened(this)) return true;
    this.close();
    return false;
  }

  /** Also what a proxy sends that comes back with a version of another server. */
  #firstRequest(request: DiscoveryRequest): void {
    this.#watched.set(request.xdsType, {
      names: request.resourceNames,
      nonceSent: '',
      versionSent: '',
      nonceAnswered: '',
      versionAccepted: request.versionInfo,
      error: undefined,
    });
    this.#handler.subscribed(this, request.xdsType, request.resourceNames);
  }

  #answer(watched: WatchedType, request: DiscoveryRequest): void {
    const before = new Set(watched.names);
    const added = request.resourceNames.filter((name) => !before.has(name));
    watched.names = request.resourceNames;
    if (request.errorDetail !== undefined || watched.nonceAnswered !== request.responseNonce)
      this.#settle(watched, request);
    if (added.length > 0) this.#handler.subscribed(this, request.xdsType, added);
  }

  /** The first answer to a nonce; later requests with the same nonce only change the names. */
  #settle(watched: WatchedType, request: DiscoveryRequest): void {
    const { errorDetail, xdsType } = request;
    watched.nonceAnswered = request.responseNonce;
    watched.versionAccepted = request.versionInfo;
    watched.error = errorDetail;
    const { trace } = this.#simulation;
    if (errorDetail === undefined) this.#record(ACK, xdsType, watched.versionSent, 0);
    else this.#record(NACK, xdsType, watched.versionSent, trace.intern(errorDetail));
    this.#handler.answered(this, xdsType, errorDetail);
  }

  #record(kind: typeof PUSH, type: XdsType, version: string, last: number): void {
    const { trace, now } = this.#simulation;
    trace.record(
      kind,
      now,
      trace.intern(this.#name),
      trace.intern(type),
      trace.intern(version),
      last,
    );
  }

  get #name(): string {
    return this.#node?.id ?? '';
  }

  #gone(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onGone(this);
    if (!this.#node) return;
    const { trace, now } = this.#simulation;
    trace.record(STREAM_CLOSED, now, trace.intern(this.#name));
    this.#handler.streamClosed(this);
  }
}
