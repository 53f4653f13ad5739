/**
 * Models the server's end of the ADS stream, in both variants: who is connected, what each asked for,
 * what was sent, and what became of it. What to send is the handler's business.
 *
 * Spec: envoy api-docs/xds_protocol; istio pilot/pkg/xds/ads.go (ShouldRespond). Simplified: streams
 * are not authenticated and not closed by age.
 */
import type { CloseKind, ConnectionEnd, WireMessage } from '../sim/network/connection.ts';
import type { NetworkNamespace, SocketOwner } from '../sim/network/namespace.ts';
import { eventKind } from '../sim/trace.ts';
import type { Simulation } from '../sim/simulation.ts';
import { sendDeltaResponse, WILDCARD, type DeltaDiscoveryRequest } from './delta-discovery.ts';
import { changeNames, watchDelta } from './delta-watch.ts';
import { sendResponse, type DiscoveryRequest } from './discovery.ts';
import type { Node } from './resources/bootstrap.ts';
import type { Resource } from './resources/resource.ts';
import { isWildcard, XDS_TYPES, type XdsType } from './type-url.ts';

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
  /** Everything is wanted, whatever the names. */
  isWildcard: boolean;
  /** Responses carry what changed and what is gone, in place of what is. */
  readonly isDelta: boolean;
  /** What the proxy held already when it asked first; only in the incremental variant. */
  readonly heldNames: readonly string[];
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

  /**
   * Sends resources of a type that is watched, under a version. The names of those that are gone
   * reach only a proxy that speaks the incremental variant.
   */
  send(
    type: XdsType,
    versionInfo: string,
    resources: readonly Resource[],
    removedResources: readonly string[] = [],
  ): void {
    const watched = this.#watched.get(type);
    this.#simulation.assert(watched !== undefined, `${type} was not asked for`);
    watched.nonceSent = `${versionInfo}#${++this.#nonces}`;
    watched.versionSent = versionInfo;
    const nonce = watched.nonceSent;
    this.#record(PUSH, type, versionInfo, resources.length);
    if (watched.isDelta)
      sendDeltaResponse(this.#end, {
        type: 'delta-discovery-response',
        xdsType: type,
        systemVersionInfo: versionInfo,
        nonce,
        resources,
        removedResources,
      });
    else
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
    if (this.#isClosed || !message.type.endsWith('discovery-request')) return;
    const request = message as DiscoveryRequest | DeltaDiscoveryRequest;
    if (!this.#node && !this.#open(request.node ?? {})) return;
    if (request.type === 'delta-discovery-request') this.#deltaRequest(request);
    else this.#sotwRequest(request);
  }

  #open(node: Node): boolean {
    this.#node = node;
    const { trace, now } = this.#simulation;
    trace.record(STREAM_OPENED, now, trace.intern(this.#name));
    if (this.#handler.streamOpened(this)) return true;
    this.close();
    return false;
  }

  #sotwRequest(request: DiscoveryRequest): void {
    const watched = this.#watched.get(request.xdsType);
    if (!watched || request.responseNonce === '') this.#firstRequest(request);
    else if (request.responseNonce === watched.nonceSent) this.#answer(watched, request);
    // Any other nonce is of a response that has been overtaken by a newer one: ignored.
  }

  /** Also what a proxy sends that comes back with a version of another server. */
  #firstRequest({ xdsType, resourceNames, versionInfo }: DiscoveryRequest): void {
    this.#watched.set(xdsType, {
      names: resourceNames,
      isWildcard:
        resourceNames.includes(WILDCARD) || (resourceNames.length === 0 && isWildcard(xdsType)),
      isDelta: false,
      heldNames: [],
      nonceSent: '',
      versionSent: '',
      nonceAnswered: '',
      versionAccepted: versionInfo,
      error: undefined,
    });
    this.#handler.subscribed(this, xdsType, resourceNames);
  }

  #answer(watched: WatchedType, request: DiscoveryRequest): void {
    const before = new Set(watched.names);
    const added = request.resourceNames.filter((name) => !before.has(name));
    watched.names = request.resourceNames;
    // Once there were names, none means nothing and no longer everything.
    if (watched.names.length > 0) watched.isWildcard = watched.names.includes(WILDCARD);
    const { responseNonce, errorDetail, versionInfo } = request;
    if (errorDetail !== undefined || watched.nonceAnswered !== responseNonce)
      this.#settle(watched, request, versionInfo);
    if (added.length > 0) this.#handler.subscribed(this, request.xdsType, added);
  }

  /** Names change by any request; an answer counts when it is to the newest response. */
  #deltaRequest(request: DeltaDiscoveryRequest): void {
    const { xdsType, subscribe, responseNonce, errorDetail } = request;
    const watched = this.#watched.get(xdsType);
    if (!watched) {
      const first = watchDelta(request);
      this.#watched.set(xdsType, first);
      this.#handler.subscribed(this, xdsType, first.names);
      return;
    }
    const isAsking = changeNames(watched, request);
    if (responseNonce !== '' && responseNonce === watched.nonceSent) {
      const { versionSent, versionAccepted } = watched;
      this.#settle(watched, request, errorDetail === undefined ? versionSent : versionAccepted);
    }
    if (isAsking) this.#handler.subscribed(this, xdsType, subscribe.filter(isName));
  }

  /** The first answer to a nonce; later requests with the same nonce only change the names. */
  #settle(
    watched: WatchedType,
    { errorDetail, xdsType, responseNonce }: DiscoveryRequest | DeltaDiscoveryRequest,
    versionAccepted: string,
  ): void {
    watched.nonceAnswered = responseNonce;
    watched.versionAccepted = versionAccepted;
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

function isName(name: string): boolean {
  return name !== WILDCARD;
}
