/**
 * Models the proxy's end of the ADS stream: subscribe, apply, acknowledge, and come back when the
 * stream breaks. What was applied last stays in force meanwhile.
 *
 * Spec: envoy api-docs/xds_protocol; source/extensions/config_subscription/grpc (back-off 500 ms to
 * 30 s, fully jittered). Simplified: no delta protocol; no gRPC keep-alive, so a partition is noticed
 * only when the connection is cut; one stream serves what Istio's agent serves over a local socket.
 */
import type { CloseKind, ConnectionEnd, WireMessage } from '../sim/network/connection.ts';
import type { SocketAddress } from '../sim/network/address.ts';
import type { NetworkNamespace } from '../sim/network/namespace.ts';
import type { Simulation } from '../sim/simulation.ts';
import { MS, SECOND, type Micros } from '../sim/time.ts';
import { NO_TIMER, type TimerHandle } from '../sim/event-queue.ts';
import { sendRequest, type DiscoveryResponse } from './discovery.ts';
import type { Node } from './resources/bootstrap.ts';
import type { Resource } from './resources/resource.ts';
import { isWildcard, XDS_TYPES, type XdsType } from './type-url.ts';

/** What a proxy does with what it is sent. */
export interface ResourceSink {
  /**
   * Takes over a response: the full set for CDS and LDS, some of the subscribed resources for the
   * other types. A text is the reason of a NACK; then nothing of the response may be in force.
   */
  apply(type: XdsType, resources: readonly Resource[]): string | undefined;
  /**
   * The names wanted of EDS, RDS and SDS, as the applied clusters and listeners refer to them. Of
   * CDS and LDS everything is wanted; what is answered for them does not matter.
   */
  subscriptions(type: XdsType): readonly string[] | undefined;
  /** The stream is there, or gone. */
  connectionChanged?(isConnected: boolean): void;
}

export interface AdsClientOptions {
  readonly node: Node;
  /** Where the server is, asked at each attempt; undefined while its name does not resolve. */
  readonly resolve: () => SocketAddress | undefined;
  readonly backOffBaseUs?: Micros;
  readonly backOffMaxUs?: Micros;
}

interface Subscription {
  names: readonly string[];
  /** Of the last response on this stream. */
  nonce: string;
  /** The last accepted version; survives the stream. */
  version: string;
  isRequested: boolean;
  hasAnswer: boolean;
}

export class AdsClient {
  readonly #namespace: NetworkNamespace;
  readonly #simulation: Simulation;
  readonly #sink: ResourceSink;
  readonly #options: AdsClientOptions;
  readonly #subscriptions = new Map<XdsType, Subscription>(
    XDS_TYPES.map((type) => [
      type,
      { names: [], nonce: '', version: '', isRequested: false, hasAnswer: false },
    ]),
  );
  #end: ConnectionEnd | undefined = undefined;
  #isConnected = false;
  #nodeSent = false;
  #isApplying = false;
  #attempts = 0;
  #retry: TimerHandle = NO_TIMER;

  constructor(namespace: NetworkNamespace, sink: ResourceSink, options: AdsClientOptions) {
    this.#namespace = namespace;
    this.#simulation = namespace.network.simulation;
    this.#sink = sink;
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** The version in force of a type; "" before the first. */
  version(type: XdsType): string {
    return this.#subscriptions.get(type)!.version;
  }

  start(): void {
    this.#simulation.assert(this.#end === undefined, 'this ADS client has been started before');
    this.#connect();
  }

  /** Closes the stream for good; what was applied stays. */
  stop(): void {
    this.#simulation.cancel(this.#retry);
    this.#retry = NO_TIMER;
    this.#end?.close();
    this.#streamGone();
  }

  /** The sink wants other names than before. */
  subscriptionsChanged(): void {
    if (!this.#isConnected || this.#isApplying) return;
    for (const type of XDS_TYPES) this.#subscribe(type);
  }

  onConnected(): void {
    this.#isConnected = true;
    this.#sink.connectionChanged?.(true);
    this.subscriptionsChanged();
  }

  onConnectFailed(): void {
    this.#end = undefined;
    this.#connectLater();
  }

  onClosed(end: ConnectionEnd, how: CloseKind): void {
    if (how === 'fin') end.close();
    this.#streamGone();
    this.#connectLater();
  }

  onMessage(end: ConnectionEnd, message: WireMessage): void {
    if (message.type !== 'discovery-response') return;
    const response = message as DiscoveryResponse;
    const subscription = this.#subscriptions.get(response.xdsType)!;
    this.#attempts = 0;
    this.#isApplying = true;
    const error = this.#sink.apply(response.xdsType, response.resources);
    this.#isApplying = false;
    if (this.#end !== end) return;
    subscription.nonce = response.nonce;
    subscription.hasAnswer = true;
    if (error === undefined) subscription.version = response.versionInfo;
    this.#request(response.xdsType, error);
    this.subscriptionsChanged();
  }

  readonly #connect = (): void => {
    this.#retry = NO_TIMER;
    const address = this.#options.resolve();
    if (!address) this.#connectLater();
    else this.#end = this.#namespace.connect(address, this, { owner: 'proxy' });
  };

  #connectLater(): void {
    const { backOffBaseUs = 500 * MS, backOffMaxUs = 30 * SECOND } = this.#options;
    const doublings = Math.min(this.#attempts++, 20);
    const ceilingUs = Math.min(backOffBaseUs * (1 << doublings), backOffMaxUs);
    const delayUs = this.#simulation
      .random(`xds/back-off/${this.#namespace.name}`)
      .below(ceilingUs);
    this.#retry = this.#simulation.schedule(delayUs, this.#connect, undefined, undefined);
  }

  #streamGone(): void {
    const wasConnected = this.#isConnected;
    this.#end = undefined;
    this.#isConnected = false;
    this.#nodeSent = false;
    for (const subscription of this.#subscriptions.values()) {
      subscription.nonce = '';
      subscription.isRequested = false;
    }
    if (wasConnected) this.#sink.connectionChanged?.(false);
  }

  /** Asks for a type that is due and was not asked for, or for other names than before. */
  #subscribe(type: XdsType): void {
    const subscription = this.#subscriptions.get(type)!;
    const names = this.#wantedNames(type);
    if (subscription.isRequested) {
      if (!sameNames(names, subscription.names)) this.#request(type, undefined);
      return;
    }
    const isDue = isWildcard(type) ? type === 'CDS' || this.#clustersAreWarm() : names.length > 0;
    if (isDue) this.#request(type, undefined);
  }

  /** Listeners wait until the clusters are there with their endpoints: make before break. */
  #clustersAreWarm(): boolean {
    if (!this.#subscriptions.get('CDS')!.hasAnswer) return false;
    return this.#wantedNames('EDS').length === 0 || this.#subscriptions.get('EDS')!.hasAnswer;
  }

  #wantedNames(type: XdsType): readonly string[] {
    return isWildcard(type) ? [] : (this.#sink.subscriptions(type) ?? []);
  }

  #request(type: XdsType, errorDetail: string | undefined): void {
    const end = this.#end;
    if (!end || !this.#isConnected) return;
    const subscription = this.#subscriptions.get(type)!;
    subscription.isRequested = true;
    subscription.names = [...this.#wantedNames(type)];
    const node = this.#nodeSent ? undefined : this.#options.node;
    this.#nodeSent = true;
    sendRequest(end, {
      type: 'discovery-request',
      xdsType: type,
      versionInfo: subscription.version,
      responseNonce: subscription.nonce,
      resourceNames: subscription.names,
      node,
      errorDetail,
    });
  }
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, i) => name === other[i]);
}
