/** What a pod's drawing says beside its name. */
import type { TopologyPod } from '../../protocol/topology.ts';

/** The sync states that are worth a word under the pod; the others are as they should be. */
export function syncMark({ sync }: TopologyPod): 'stale' | 'disconnected' | 'nacked' | undefined {
  return sync === 'stale' || sync === 'disconnected' || sync === 'nacked' ? sync : undefined;
}

/** Whether istiod feeds this pod: it has a sidecar or is a gateway. */
export function hasProxy({ sidecar, role }: TopologyPod): boolean {
  return sidecar || role === 'ingress-gateway' || role === 'egress-gateway';
}

/** Virtual time until which some proxy sends this pod nothing; undefined when none does so now. */
export function ejectedUntil(pod: TopologyPod, nowUs: number): number | undefined {
  const untilUs = Math.max(0, ...pod.ejectedBy.map((ejection) => ejection.untilUs));
  return untilUs > nowUs ? untilUs : undefined;
}
