/** Models the inspector: what a proxy holds, what istiod knows, where a service leads. */
import type { ProxyStatus } from '../control-plane/discovery/proxy-status.ts';
import type { ApiServer } from '../kube/api-server.ts';
import { SERVICE_NAME_LABEL, type EndpointSlice, type Service } from '../kube/objects/service.ts';
import type { Inspection, InspectTarget } from '../protocol/messages.ts';
import { XDS_TYPES } from '../xds/type-url.ts';
import type { PodRuntime } from './pod/pod-runtime.ts';
import { clustersTable } from './terminal/istioctl/clusters.ts';
import { endpointsTable } from './terminal/istioctl/endpoints.ts';
import { listenersTable } from './terminal/istioctl/listeners.ts';
import { routesTable } from './terminal/istioctl/routes.ts';
import { secretsTable } from './terminal/istioctl/secrets.ts';

export interface InspectSources {
  readonly api: ApiServer;
  readonly runtime: PodRuntime;
  readonly proxyStatus: readonly ProxyStatus[];
  readonly istiods: readonly { readonly name: string; readonly version: string }[];
}

type Table = Inspection['tables'][number];

export function inspect(target: InspectTarget, sources: InspectSources): Inspection {
  switch (target.kind) {
    case 'proxy':
      return inspectProxy(target.pod, sources);
    case 'istiod':
      return inspectIstiod(sources);
    case 'service':
      return inspectService(target.id, sources.api);
  }
}

function inspectProxy(pod: string, { runtime, proxyStatus }: InspectSources): Inspection {
  const sidecar = runtime.sandboxes.get(pod)?.sidecar;
  if (!sidecar) return { title: pod, tables: [], documents: [] };
  const dump = sidecar.dump();
  const health = (cluster: string, address: string) => sidecar.hostHealth(cluster, address);
  const status = proxyStatus.find(({ proxy }) => proxy.id === pod);
  return {
    title: pod,
    tables: [
      ...(status ? [syncTable(status)] : []),
      fromText('listeners', listenersTable(dump.listeners)),
      fromText('routes', routesTable(dump.routes)),
      fromText('clusters', clustersTable(dump.clusters)),
      fromText('endpoints', endpointsTable(dump.endpoints, health)),
      fromText('secrets', secretsTable(dump.secrets)),
    ],
    documents: [
      { name: 'listeners', json: asJson(dump.listeners) },
      { name: 'routes', json: asJson(dump.routes) },
      { name: 'clusters', json: asJson(dump.clusters) },
      { name: 'endpoints', json: asJson(dump.endpoints) },
    ],
  };
}

function inspectIstiod({ proxyStatus, istiods }: InspectSources): Inspection {
  const rows = proxyStatus.map(({ proxy, types }) => [
    proxy.id,
    ...XDS_TYPES.map((type) => types[type].state),
  ]);
  return {
    title: 'istiod',
    tables: [
      {
        name: 'istiod',
        rows: [['POD', 'VERSION'], ...istiods.map((one) => [one.name, one.version])],
      },
      { name: 'proxies', rows: [['PROXY', ...XDS_TYPES], ...rows] },
    ],
    documents: [],
  };
}

function inspectService(id: string, api: ApiServer): Inspection {
  const dot = id.indexOf('.');
  const [name, namespace] = [id.slice(0, dot), id.slice(dot + 1)];
  const service = api.get<Service>('Service', namespace, name);
  const slices = api
    .list<EndpointSlice>('EndpointSlice', { namespace })
    .filter(({ metadata }) => metadata.labels?.[SERVICE_NAME_LABEL] === name);
  const rows = slices.flatMap(({ endpoints, ports }) =>
    (endpoints ?? []).map(({ addresses, conditions, targetRef, zone = '' }) => [
      addresses.join(','),
      (ports ?? []).map(({ port }) => port).join(','),
      conditions?.ready === false ? 'false' : 'true',
      targetRef?.name ?? '',
      zone,
    ]),
  );
  return {
    title: id,
    tables: [{ name: 'endpoints', rows: [['ADDRESS', 'PORT', 'READY', 'POD', 'ZONE'], ...rows] }],
    documents: service ? [{ name: 'service', json: asJson(service) }] : [],
  };
}

function syncTable({ types }: ProxyStatus): Table {
  const rows = XDS_TYPES.map((type) => {
    const { state, versionSent, versionAccepted, error } = types[type];
    return [type, state, versionSent, versionAccepted, error];
  });
  return { name: 'xDS', rows: [['TYPE', 'STATE', 'SENT', 'ACCEPTED', 'ERROR'], ...rows] };
}

/** istioctl's columns, cut at runs of blanks as its header has them. */
function fromText(name: string, text: string): Table {
  const [header = '', ...lines] = text.split('\n');
  const starts = [...header.matchAll(/\S+(?: \S+)*/g)].map(({ index }) => index);
  const cut = (line: string) =>
    starts.map((start, column) => line.slice(start, starts[column + 1]).trim());
  return { name, rows: [cut(header), ...lines.map(cut)] };
}

function asJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
