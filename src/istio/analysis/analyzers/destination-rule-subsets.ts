/**
 * Hosts and subsets of DestinationRules that no service and no pod answers to.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0173/ and ist0174/
 */
import type { StringMap } from '../../../kube/objects/metadata.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import { selects } from '../label-selector.ts';
import { podSpec } from '../mesh-membership.ts';
import type { Resource } from '../resource.ts';
import { ServiceHosts } from '../service-hosts.ts';

const LOCALITY_LABELS = [
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
];
const HOSTNAME_LABEL = 'kubernetes.io/hostname';

export const subsetSelectsPodAnalyzer: Analyzer = {
  name: 'destinationrule.PodNotSelectedAnalyzer',
  run(context) {
    const hosts = new ServiceHosts(context);
    const pods = context.all('Pod').map((pod) => endpointLabels(pod, context));
    for (const rule of context.all('DestinationRule')) {
      const { host = '', exportTo, subsets = [] } = rule.spec;
      const known = hosts.find(rule.namespace, exportTo, host);
      if (!known) {
        context.report('UnknownDestinationRuleHost', rule, [host], ['spec', 'host']);
        continue;
      }
      // of two subsets with one name the later counts
      const byName = new Map(
        subsets.map((subset, index) => [subset.name ?? '', { subset, index }]),
      );
      for (const [name, { subset, index }] of byName) {
        const labels = { ...known.workloadSelector?.labels, ...subset.labels };
        if (pods.some((pod) => selects(labels, pod))) continue;
        const path = ['spec', 'subsets', index];
        context.report('DestinationRuleSubsetNotSelectPods', rule, [name], path);
      }
    }
  },
};

/** A pod's labels and those that its node lends it. */
function endpointLabels(pod: Resource, context: AnalysisContext): StringMap {
  const { nodeName } = podSpec(pod);
  const node = nodeName ? context.find('Node', nodeName) : undefined;
  const lent: Record<string, string> = {};
  for (const label of LOCALITY_LABELS) {
    const value = node?.labels[label];
    if (value) lent[label] = value;
  }
  if (nodeName) lent[HOSTNAME_LABEL] = nodeName;
  return { ...pod.labels, ...lent };
}
