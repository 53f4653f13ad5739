/**
 * Models a proxy while configuration is made for it: who it is, what it sees and what it serves.
 *
 * Spec: istio pilot/pkg/model/context.go, Proxy.
 */
import type { Locality } from '../xds/resources/cluster-load-assignment.ts';
import { audienceOf } from './audience.ts';
import type { ProxyNode } from './discovery/proxy-node.ts';
import type { PushContext } from './push/push-context.ts';
import type { SharedPieces } from './push/pieces.ts';
import type { SidecarScope } from './push/sidecar-scope.ts';
import { serviceTargets } from './registry/service-targets.ts';
import type { ServiceTarget } from './registry/service.ts';
import { augmentLabels, type Labels } from './registry/workload.ts';

/** Which side of the proxy a listener serves. */
export type ListenerClass = 'inbound' | 'outbound' | 'gateway';

export class Proxy {
  readonly node: ProxyNode;
  readonly push: PushContext;
  readonly scope: SidecarScope;
  /** With those of where it runs. */
  readonly labels: Labels;
  readonly locality: Locality;
  #audience: string | undefined;
  #pieces: SharedPieces | undefined;

  constructor(node: ProxyNode, push: PushContext) {
    this.node = node;
    this.push = push;
    this.scope = push.sidecarScope(node);
    const { region, zone, subZone } = node.locality;
    this.labels = augmentLabels(
      node.labels,
      node.clusterId,
      `${region}/${zone}/${subZone}`,
      node.nodeName,
    );
    this.locality = {
      ...(region && { region }),
      ...(zone && { zone }),
      ...(subZone && { sub_zone: subZone }),
    };
  }

  /** The ports that its workload serves. */
  get targets(): readonly ServiceTarget[] {
    const { registry, kube } = this.push;
    let targets = registry.targets.get(this.node);
    if (!targets)
      registry.targets.set(this.node, (targets = serviceTargets(this.node, registry, kube)));
    return targets;
  }

  /** A resource that all proxies of its audience share. */
  shared<T>(name: string, make: () => T): T {
    this.#pieces ??= this.push.pieces.of(this.audience);
    return this.#pieces.get(name, make);
  }

  get audience(): string {
    return (this.#audience ??= audienceOf(this));
  }

  get isRouter(): boolean {
    return this.node.type === 'router';
  }

  get outboundClass(): ListenerClass {
    return this.isRouter ? 'gateway' : 'outbound';
  }

  /** A NodeMetadata field. */
  metadata(field: string): unknown {
    return this.node.metadata[field];
  }
}

/** The proxy in this state of the world; made once per push. */
export function proxyIn(push: PushContext, node: ProxyNode): Proxy {
  const cache = push.cache<ProxyNode, Proxy>('proxy');
  let proxy = cache.get(node);
  if (!proxy) cache.set(node, (proxy = new Proxy(node, push)));
  return proxy;
}
