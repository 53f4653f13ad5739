/**
 * Models control-plane revisions: which istiod a proxy belongs to.
 *
 * Spec: Istio, "Canary upgrades"; label istio.io/rev. Simplified: in a cluster each revision has a
 * service of its own, whose address the injector writes into the pod; here an istiod turns away the
 * proxies of others.
 */
import type { ProxyNode } from './proxy-node.ts';

export const REVISION_LABEL = 'istio.io/rev';
export const DEFAULT_REVISION = 'default';

/** The revision whose injector made the proxy. */
export function revisionOf({ metadata, labels }: ProxyNode): string {
  const told = metadata['ISTIO_REVISION'];
  return (typeof told === 'string' && told) || labels[REVISION_LABEL] || DEFAULT_REVISION;
}
