/**
 * ServiceEntry's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/networking/service-entry/
 */
import type { ServicePort } from '../kinds/port.ts';
import type { ServiceEntrySpec } from '../kinds/service-entry.ts';
import { portNumber } from './port.ts';
import { list, object, oneOf, strings, text } from './schema-node.ts';
import { networkingWorkloadSelector } from './selector.ts';
import { atMostOne, rule } from './validation-rule.ts';
import { workloadEntry } from './workload-entry.ts';

const cidrOnlyWithoutDns = rule<ServiceEntrySpec>(
  '!((has(self.addresses) ? self.addresses : []).exists(k, k.contains("/")) && !((has(self.resolution) ? self.resolution : "NONE") in ["STATIC", "NONE"]))',
  'CIDR addresses are allowed only for NONE/STATIC resolution types',
  ({ addresses = [], resolution = 'NONE' }) =>
    !addresses.some((address) => address.includes('/')) || ['STATIC', 'NONE'].includes(resolution),
);
const noEndpointsForNone = rule<ServiceEntrySpec>(
  '((has(self.resolution) ? self.resolution : "NONE") == "NONE") ? !has(self.endpoints) : true',
  'NONE mode cannot set endpoints',
  ({ resolution = 'NONE', endpoints }) => resolution !== 'NONE' || endpoints === undefined,
);
const oneEndpointForDnsRoundRobin = rule<ServiceEntrySpec>(
  '((has(self.resolution) ? self.resolution : "") == "DNS_ROUND_ROBIN") ? ((has(self.endpoints) ? self.endpoints : []).size() <= 1) : true',
  'DNS_ROUND_ROBIN mode cannot have multiple endpoints',
  ({ resolution, endpoints = [] }) => resolution !== 'DNS_ROUND_ROBIN' || endpoints.length <= 1,
);
const numbersDiffer = rule<readonly ServicePort[]>(
  'self.all(l1, self.exists_one(l2, l1.number == l2.number))',
  'port number cannot be duplicated',
  (ports) => new Set(ports.map((port) => port.number)).size === ports.length,
);

export const serviceEntry = object(
  {
    addresses: list(text({ lengthMax: 64 }), { itemsMax: 256 }),
    endpoints: list(workloadEntry, { itemsMax: 4096 }),
    exportTo: strings,
    hosts: list(
      text({
        rules: [rule<string>('self != "*"', 'hostname cannot be wildcard', (self) => self !== '*')],
      }),
      { itemsMin: 1, itemsMax: 256 },
    ),
    location: oneOf('MESH_EXTERNAL', 'MESH_INTERNAL'),
    ports: list(
      object(
        {
          name: text({ lengthMax: 256 }),
          number: portNumber,
          protocol: text({ lengthMax: 256 }),
          targetPort: portNumber,
        },
        { required: ['number', 'name'] },
      ),
      { itemsMax: 256, listMapKey: 'name', rules: [numbersDiffer] },
    ),
    resolution: oneOf('NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS'),
    subjectAltNames: strings,
    workloadSelector: networkingWorkloadSelector,
  },
  {
    required: ['hosts'],
    rules: [
      atMostOne(
        'only one of WorkloadSelector or Endpoints can be set',
        'workloadSelector',
        'endpoints',
      ),
      cidrOnlyWithoutDns,
      noEndpointsForNone,
      oneEndpointForDnsRoundRobin,
    ],
  },
);
