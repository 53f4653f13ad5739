/**
 * DestinationRule's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/
 */
import { list, object, string, stringMap, strings } from './schema-node.ts';
import { workloadSelector } from './selector.ts';
import { trafficPolicy } from './traffic-policy.ts';

export const destinationRule = object(
  {
    exportTo: strings,
    host: string,
    subsets: list(
      object({ labels: stringMap, name: string, trafficPolicy }, { required: ['name'] }),
    ),
    trafficPolicy,
    workloadSelector,
  },
  { required: ['host'] },
);
