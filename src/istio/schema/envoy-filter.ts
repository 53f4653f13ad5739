/**
 * EnvoyFilter's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/networking/envoy-filter/
 */
import type { EnvoyConfigMatch } from '../kinds/envoy-filter.ts';
import { portNumber } from './port.ts';
import { anything, int32, list, object, oneOf, string, stringMap, uint32 } from './schema-node.ts';
import { networkingWorkloadSelector, targetReferences } from './selector.ts';
import { atMostOne, rule } from './validation-rule.ts';

const filter = object({ name: string, subFilter: object({ name: string }) });

const listener = object({
  filterChain: object({
    applicationProtocols: string,
    destinationPort: uint32,
    filter,
    name: string,
    sni: string,
    transportProtocol: string,
  }),
  listenerFilter: string,
  name: string,
  portName: string,
  portNumber: uint32,
});

const routeConfiguration = object({
  gateway: string,
  name: string,
  portName: string,
  portNumber: uint32,
  vhost: object({
    domainName: string,
    name: string,
    route: object({ action: oneOf('ANY', 'ROUTE', 'REDIRECT', 'DIRECT_RESPONSE'), name: string }),
  }),
});

const waypointOnlyAtWaypoints = rule<EnvoyConfigMatch>(
  'has(self.context) ? ((self.context == "WAYPOINT") ? has(self.waypoint) : !has(self.waypoint)) : !has(self.waypoint)',
  'only support waypointMatch when context is WAYPOINT',
  (self) => (self.context === 'WAYPOINT') === (self.waypoint !== undefined),
);

const match = object(
  {
    cluster: object({ name: string, portNumber: uint32, service: string, subset: string }),
    context: oneOf('ANY', 'SIDECAR_INBOUND', 'SIDECAR_OUTBOUND', 'GATEWAY', 'WAYPOINT'),
    listener,
    proxy: object({ metadata: stringMap, proxyVersion: string }),
    routeConfiguration,
    waypoint: object({ filter, portNumber, route: object({ name: string }) }),
  },
  {
    exclusive: [['listener', 'routeConfiguration', 'cluster', 'waypoint']],
    rules: [waypointOnlyAtWaypoints],
  },
);

const configPatch = object({
  applyTo: oneOf(
    'INVALID',
    'LISTENER',
    'FILTER_CHAIN',
    'NETWORK_FILTER',
    'HTTP_FILTER',
    'ROUTE_CONFIGURATION',
    'VIRTUAL_HOST',
    'HTTP_ROUTE',
    'CLUSTER',
    'EXTENSION_CONFIG',
    'BOOTSTRAP',
    'LISTENER_FILTER',
  ),
  match,
  patch: object({
    filterClass: oneOf('UNSPECIFIED', 'AUTHN', 'AUTHZ', 'STATS'),
    operation: oneOf(
      'INVALID',
      'MERGE',
      'ADD',
      'REMOVE',
      'INSERT_BEFORE',
      'INSERT_AFTER',
      'INSERT_FIRST',
      'REPLACE',
    ),
    value: anything,
  }),
});

export const envoyFilter = object(
  {
    configPatches: list(configPatch),
    priority: int32,
    targetRefs: targetReferences,
    workloadSelector: networkingWorkloadSelector,
  },
  {
    rules: [
      atMostOne(
        'only one of targetRefs or workloadSelector can be set',
        'workloadSelector',
        'targetRefs',
      ),
    ],
  },
);
