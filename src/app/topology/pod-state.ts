/** What a pod's drawing says beside its name. */
import type { Topology, TopologyPod } from '../../protocol/topology.ts';

/**
 * The sync states that are worth a word under the pod; the others are as they should be. Without
 * istiod all are cut off: its own card says so once. A pod that only starts has no stream yet.
 */
export function syncMark(
  { sync, phase }: TopologyPod,
  topology: Topology | undefined,
): 'stale' | 'disconnected' | 'nacked' | undefined {
  if (sync === 'disconnected') {
    return phase === 'Running' && hasIstiod(topology) ? sync : undefined;
  }
  return sync === 'stale' || sync === 'nacked' ? sync : undefined;
}

/** Whether some istiod is there to answer. */
export function hasIstiod(topology: Topology | undefined): boolean {
  const pods = topology?.pods ?? [];
  return pods.some(({ role, phase, ready }) => role === 'istiod' && phase === 'Running' && ready);
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
