/**
 * Fields and resource types that Istio is giving up.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0002/
 */
import type { Analyzer } from '../context.ts';

const REMOVED_GROUP = 'rbac.istio.io';
const REMOVED_KINDS = ['ClusterRbacConfig', 'RbacConfig', 'ServiceRole', 'ServiceRoleBinding'];

export const deprecationAnalyzer: Analyzer = {
  name: 'deprecation.FieldAnalyzer',
  run(context) {
    for (const service of context.all('VirtualService')) {
      service.spec.http?.forEach(({ fault }, index) => {
        if ((fault?.delay?.percent ?? 0) <= 0) return;
        context.report(
          'Deprecated',
          service,
          ['HTTPRoute.fault.delay.percent is deprecated; use HTTPRoute.fault.delay.percentage'],
          ['spec', 'http', index, 'fault', 'delay', 'percent'],
        );
      });
    }
    for (const sidecar of context.all('Sidecar')) {
      if (!sidecar.spec.outboundTrafficPolicy?.egressProxy) continue;
      const path = ['spec', 'outboundTrafficPolicy', 'egressProxy'];
      context.report('Deprecated', sidecar, ['OutboundTrafficPolicy.EgressProxy ignored'], path);
    }
    for (const definition of context.all('CustomResourceDefinition')) {
      const { group, names } = definition.spec as { group?: string; names?: { kind?: string } };
      const kind = names?.kind ?? '';
      if (group !== REMOVED_GROUP || !REMOVED_KINDS.includes(kind)) continue;
      const detail = `Custom resource type ${group} ${kind} is removed`;
      context.report('Deprecated', definition, [detail]);
    }
  },
};
