/**
 * Conditions in an object's status that say something is wrong.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0171/
 */
import type { Analyzer } from '../context.ts';
import type { Resource } from '../resource.ts';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

const ROUTE_CONDITIONS = ['Accepted', 'Programmed', 'ResolvedRefs'];
const WAYPOINT_CONDITIONS = ['istio.io/WaypointBound'];

/** Collection → conditions that ought to be true. */
const CONDITIONS: Readonly<Record<string, readonly string[]>> = {
  Service: WAYPOINT_CONDITIONS,
  ServiceEntry: WAYPOINT_CONDITIONS,
  WorkloadEntry: WAYPOINT_CONDITIONS,
  AuthorizationPolicy: ['ZtunnelAccepted', 'WaypointAccepted'],
  KubernetesGateway: ROUTE_CONDITIONS,
  HTTPRoute: ROUTE_CONDITIONS,
  GRPCRoute: ROUTE_CONDITIONS,
};

export const conditionAnalyzer: Analyzer = {
  name: 'conditions.ConditionAnalyzer',
  run(context) {
    for (const [collection, expected] of Object.entries(CONDITIONS)) {
      for (const resource of context.all(collection)) {
        for (const condition of conditionsOf(resource as Resource)) {
          const { type, status, reason = '', message = '' } = condition;
          const isPartial =
            collection === 'AuthorizationPolicy' &&
            type === 'WaypointAccepted' &&
            reason === 'PartiallyInvalid';
          if (isPartial || (expected.includes(type) && status === 'False'))
            context.report('NegativeConditionStatus', resource, [type, reason, message]);
        }
      }
    }
  },
};

function conditionsOf({ object, collection }: Resource): readonly Condition[] {
  const status = object['status'] as
    { conditions?: Condition[]; parents?: { conditions?: Condition[] }[] } | undefined;
  if (collection === 'HTTPRoute' || collection === 'GRPCRoute')
    return (status?.parents ?? []).flatMap(({ conditions = [] }) => conditions);
  return status?.conditions ?? [];
}
