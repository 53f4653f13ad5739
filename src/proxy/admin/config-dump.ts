/**
 * Models GET /config_dump: the configuration that is in force or warming, with its versions.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/config_dump_shared.proto
 * Simplified: no mask; `resource` names a repeated field of a section; no scoped routes; what was
 * refused (error_state) is told by the control plane alone; one time of update for each type.
 */
import { isoTimestamp } from '../../sim/time.ts';
import { ConnectionManager } from '../http/connection-manager.ts';
import type { Listener } from '../listener/listener.ts';
import type { Proxy, XdsType } from '../proxy.ts';
import {
  jsonPage,
  textPage,
  withoutDefaults,
  type AdminFacts,
  type AdminPage,
} from './admin-page.ts';
import { endpointsSection } from './endpoint-dump.ts';
import { redacted } from './redaction.ts';

const ADMIN_TYPE = 'type.googleapis.com/envoy.admin.v3.';
const RESOURCE_TYPE: Readonly<Record<XdsType, string>> = {
  CDS: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  EDS: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  LDS: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  RDS: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
  SDS: 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret',
};

/** The messages behind repeated fields, for ?resource=. */
const ELEMENT_TYPE: Readonly<Record<string, string>> = {
  static_clusters: 'ClustersConfigDump.StaticCluster',
  dynamic_active_clusters: 'ClustersConfigDump.DynamicCluster',
  dynamic_warming_clusters: 'ClustersConfigDump.DynamicCluster',
  static_endpoint_configs: 'EndpointsConfigDump.StaticEndpointConfig',
  dynamic_endpoint_configs: 'EndpointsConfigDump.DynamicEndpointConfig',
  static_listeners: 'ListenersConfigDump.StaticListener',
  dynamic_listeners: 'ListenersConfigDump.DynamicListener',
  static_route_configs: 'RoutesConfigDump.StaticRouteConfig',
  dynamic_route_configs: 'RoutesConfigDump.DynamicRouteConfig',
  static_secrets: 'SecretsConfigDump.StaticSecret',
  dynamic_active_secrets: 'SecretsConfigDump.DynamicSecret',
};

interface Section {
  readonly '@type': string;
  readonly [field: string]: unknown;
}

type NameTest = (name: string) => boolean;

export const configDumpPage: AdminPage = (proxy, query, facts) => {
  if (query.has('mask')) return textPage('mask is not supported\n', 400);
  const isWanted = query.wholeMatch('name_regex');
  const sections: Section[] = [
    bootstrapSection(facts),
    clustersSection(proxy, facts, isWanted),
    ...(query.has('include_eds') ? [endpointsSection(proxy, isWanted)] : []),
    listenersSection(proxy, facts, isWanted),
    { '@type': `${ADMIN_TYPE}ScopedRoutesConfigDump` },
    routesSection(proxy, facts, isWanted),
    secretsSection(facts, isWanted),
  ];
  const field = query.text('resource');
  if (field === '') return jsonPage(redacted({ configs: sections }));
  const section = sections.find((one) => field in one);
  const type = ELEMENT_TYPE[field];
  if (!type) {
    return section
      ? textPage(`${field} is not a repeated field. Use ?mask=${field} to get only this field`, 400)
      : { ...textPage(`${field} not found in config dump`, 404), contentType: 'text/plain' };
  }
  const elements = (section?.[field] ?? []) as readonly object[];
  const configs = elements.map((element) => ({ '@type': ADMIN_TYPE + type, ...element }));
  return jsonPage(redacted(withoutDefaults({ configs })));
};

function bootstrapSection({ bootstrap, startedUs }: AdminFacts): Section {
  return sectionOf('Bootstrap', { bootstrap, last_updated: isoTimestamp(startedUs) });
}

function clustersSection(proxy: Proxy, facts: AdminFacts, isWanted: NameTest): Section {
  const versions = proxy.clusters.versions().filter(({ name }) => isWanted(name));
  const dump = (isDynamic: boolean, isWarm: boolean): readonly object[] =>
    versions
      .filter((one) => one.isStatic !== isDynamic && one.isWarm === isWarm)
      .map(({ resource }) => entry('CDS', 'cluster', resource, facts, isDynamic));
  return sectionOf('Clusters', {
    version_info: facts.version('CDS'),
    static_clusters: [...dump(false, true), ...dump(false, false)],
    dynamic_active_clusters: dump(true, true),
    dynamic_warming_clusters: dump(true, false),
  });
}

function listenersSection(proxy: Proxy, facts: AdminFacts, isWanted: NameTest): Section {
  const states = proxy.listeners.states().filter(({ name }) => isWanted(name));
  const state = (listener: Listener | undefined): object | undefined =>
    listener && entry('LDS', 'listener', listener.resource, facts, true);
  return sectionOf('Listeners', {
    version_info: facts.version('LDS'),
    static_listeners: states
      .filter(({ isStatic }) => isStatic)
      .flatMap(({ active, warming }) => active ?? warming ?? [])
      .map(({ resource }) => entry('LDS', 'listener', resource, facts, false)),
    dynamic_listeners: states
      .filter(({ isStatic }) => !isStatic)
      .map(({ name, active, warming }) =>
        withoutDefaults({ name, active_state: state(active), warming_state: state(warming) }),
      ),
  });
}

function routesSection({ listeners }: Proxy, facts: AdminFacts, isWanted: NameTest): Section {
  const inline: object[] = [];
  const byName = new Map<string, object>();
  for (const { rdsName, routes } of [...listeners.active, ...listeners.warming].flatMap(
    managersOf,
  )) {
    if (!routes.table || !isWanted(routes.table.name)) continue;
    const { resource } = routes.table;
    if (rdsName === '') inline.push(entry('RDS', 'route_config', resource, facts, false));
    else byName.set(rdsName, entry('RDS', 'route_config', resource, facts, true));
  }
  const dynamic = [...byName.keys()].sort().map((name) => byName.get(name)!);
  return sectionOf('Routes', { static_route_configs: inline, dynamic_route_configs: dynamic });
}

function managersOf({ chains, defaultChain }: Listener): ConnectionManager[] {
  return [...chains, ...(defaultChain ? [defaultChain] : [])]
    .flatMap(({ filters }) => filters)
    .filter((filter) => filter instanceof ConnectionManager);
}

function secretsSection(facts: AdminFacts, isWanted: NameTest): Section {
  const secrets = (facts.secrets as readonly { readonly name?: string }[])
    .filter(({ name = '' }) => isWanted(name))
    .map((secret) => ({
      name: secret.name ?? '',
      ...entry('SDS', 'secret', secret, facts, true),
    }));
  return sectionOf('Secrets', { dynamic_active_secrets: secrets });
}

function sectionOf(kind: string, fields: Readonly<Record<string, unknown>>): Section {
  return { '@type': `${ADMIN_TYPE}${kind}ConfigDump`, ...withoutDefaults(fields) };
}

function entry(
  type: XdsType,
  field: string,
  resource: object,
  facts: AdminFacts,
  isDynamic: boolean,
): object {
  const updatedUs = isDynamic ? facts.updatedUs(type) : facts.startedUs;
  return withoutDefaults({
    version_info: isDynamic ? facts.version(type) : '',
    [field]: { '@type': RESOURCE_TYPE[type], ...resource },
    last_updated: isoTimestamp(updatedUs),
  });
}
