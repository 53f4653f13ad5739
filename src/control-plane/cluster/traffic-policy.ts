/**
 * Models which traffic policy is in force on a port of a subset: port settings replace, subsets merge.
 *
 * Spec: istio pilot/pkg/networking/util/util.go, GetPortLevelTrafficPolicy, MergeSubsetTrafficPolicy.
 */
import type { TrafficPolicy } from '../../istio/kinds/traffic-policy.ts';

export function portPolicy(
  policy: TrafficPolicy | undefined,
  port: number,
): { readonly policy: TrafficPolicy | undefined; readonly isPortLevel: boolean } {
  const own = policy?.portLevelSettings?.find((it) => it.port?.number === port);
  return own ? { policy: own, isPortLevel: true } : { policy, isPortLevel: false };
}

export function subsetPolicy(
  rulePolicy: TrafficPolicy | undefined,
  given: TrafficPolicy | undefined,
  port: number,
): TrafficPolicy | undefined {
  const base = portPolicy(rulePolicy, port).policy;
  if (!given) return base;
  const { policy: own, isPortLevel } = portPolicy(given, port);
  if (!base || !own) return own;
  const merged: Record<string, unknown> = { ...base };
  for (const field of ['connectionPool', 'outlierDetection', 'loadBalancer', 'tls'] as const)
    if (own[field] !== undefined || isPortLevel) merged[field] = own[field];
  for (const field of ['tunnel', 'proxyProtocol', 'retryBudget'] as const)
    if (own[field] !== undefined) merged[field] = own[field];
  return merged as TrafficPolicy;
}
