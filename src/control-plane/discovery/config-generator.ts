/** Models the seam between pushing and building: what istiod's push machinery asks of the builders. */
import type { Resource } from '../../xds/resources/resource.ts';
import type { XdsType } from '../../xds/type-url.ts';
import type { ProxyNode } from './proxy-node.ts';

/** One object of the API server, or an endpoint set, that was added, changed or deleted. */
export interface ConfigChange {
  /** "VirtualService", "Service", "EndpointSlice" … */
  readonly kind: string;
  /** For an EndpointSlice: the name of its service. */
  readonly name: string;
  readonly namespace: string;
}

/** `Push` is whatever the builders need of one state of the world (istiod's PushContext). */
export interface ConfigGenerator<Push> {
  /**
   * The state of the world as of now. `changes` are those since `previous`; both are absent at the
   * start. What did not change should be taken over: identical objects are not compared again.
   */
  rebuild(changes?: readonly ConfigChange[], previous?: Push): Push;
  /**
   * The resources of a type for a proxy. `names`: those it subscribed to; empty for CDS and LDS,
   * which mean all. SDS is asked only for what is not the workload's own certificate or root:
   * credentials of gateways. Names without a resource are left out of the answer. Resources may be
   * shared between proxies and pushes and are never mutated afterwards.
   */
  generate(
    type: XdsType,
    proxy: ProxyNode,
    names: readonly string[],
    push: Push,
  ): readonly Resource[];
  /**
   * Hosts whose endpoints alone changed ("reviews.default.svc.cluster.local"), or undefined when the
   * change needs more than EDS. Absent: an EndpointSlice means its service's host.
   */
  endpointHosts?(change: ConfigChange, push: Push): readonly string[] | undefined;
  /** The types that these changes can alter for this proxy. Absent: all of them. */
  typesToPush?(proxy: ProxyNode, changes: readonly ConfigChange[], push: Push): readonly XdsType[];
}
