/**
 * Models the proxy's end of the ADS stream: subscribe, apply, acknowledge, and come back when the
 * stream breaks. What was applied last stays in force meanwhile.
 *
 * Spec: envoy api-docs/xds_protocol; source/extensions/config_subscription/grpc (back-off 500 ms to
 * 30 s, fully jittered). Simplified: no gRPC keep-alive, so a partition is noticed only when the
 * connection is cut; one stream serves what Istio's agent serves over a local socket.
 */
import type { CloseKind, ConnectionEnd, WireMessage } from '../sim/network/connection.ts';
import type { SocketAddress } from '../sim/network/address.ts';
import type { NetworkNamespace } from '../sim/network/namespace.ts';
import type { Simulation } from '../sim/simulation.ts';
import { MS, SECOND, type Micros } from '../sim/time.ts';
import { NO_TIMER, type TimerHandle } from '../sim/event-queue.ts';
import { DeltaSubscription } from './delta-subscription.ts';
import type { Node } from './resources/bootstrap.ts';
import type { Resource } from './resources/resource.ts';
import { SotwSubscription } from './sotw-subscription.ts';
import type { AnyResponse, Subscription, WantedNames } from './subscription.ts';
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
   * CDS and LDS usually everything is wanted: undefined.
   */
  subscriptions(type: XdsType): readonly string[] | undefined;
  /** The stream is there, or gone. */
  connectionChanged?(isConnected: boolean): void;
}

export interface AdsClientOptions {
  readonly node: Node;
  /** Where the server is, asked at each attempt; undefined while its name does not resolve. */
  readonly resolve: () => SocketAddress | undefined;
  /** Speak the incremental variant (ISTIO_DELTA_XDS); default: the state of the world. */
  readonly isDelta?: boolean;
  readonly backOffBaseUs?: Micros;
  readonly backOffMaxUs?: Micros;
}

export class AdsClient {
  readonly #namespace: NetworkNamespace;
  readonly #simulation: Simulation;
  readonly #sink: ResourceSink;
  readonly #options: AdsClientOptions;
  readonly #subscriptions: ReadonlyMap<XdsType, Subscription>;
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
    this.#subscriptions = new Map(
      XDS_TYPES.map((type) => [
        type,
        options.isDelta ? new DeltaSubscription(type) : new SotwSubscription(type),
      ]),
    );
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
    if (!message.type.endsWith('discovery-response')) return;
    const response = message as AnyResponse;
    const subscription = this.#subscriptions.get(response.xdsType)!;
    const resources = subscription.offered(response);
    if (!resources) return;
    this.#attempts = 0;
    this.#isApplying = true;
    const error = this.#sink.apply(response.xdsType, resources);
    this.#isApplying = false;
    if (this.#end !== end) return;
    subscription.settle(response, error);
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
    for (const subscription of this.#subscriptions.values()) subscription.streamGone();
    if (wasConnected) this.#sink.connectionChanged?.(false);
  }

  /** Asks for a type that is due and was not asked for, or for other names than before. */
  #subscribe(type: XdsType): void {
    const subscription = this.#subscriptions.get(type)!;
    const names = this.#wantedNames(type);
    if (subscription.isRequested) {
      if (subscription.differsFrom(names)) this.#request(type, undefined);
      return;
    }
    const isWanted = names === undefined || names.length > 0;
    if (isWanted && (type !== 'LDS' || this.#clustersAreWarm())) this.#request(type, undefined);
  }

  /** Listeners wait until the clusters are there with their endpoints: make before break. */
  #clustersAreWarm(): boolean {
    if (this.#wantedNames('CDS')?.length === 0) return true;
    if (!this.#subscriptions.get('CDS')!.hasAnswer) return false;
    return this.#wantedNames('EDS')?.length === 0 || this.#subscriptions.get('EDS')!.hasAnswer;
  }

  #wantedNames(type: XdsType): WantedNames {
    const names = this.#sink.subscriptions(type);
    return names ?? (isWildcard(type) ? undefined : []);
  }

  #request(type: XdsType, errorDetail: string | undefined): void {
    const end = this.#end;
    if (!end || !this.#isConnected) return;
    const node = this.#nodeSent ? undefined : this.#options.node;
    this.#nodeSent = true;
    this.#subscriptions.get(type)!.request(end, this.#wantedNames(type), node, errorDetail);
  }
}
