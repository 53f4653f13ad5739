/**
 * The hosts that the mesh knows, from Services and ServiceEntries, by who may see them.
 * Spec: https://istio.io/latest/docs/reference/config/networking/service-entry/ (`exportTo`)
 */
import type { AnalysisContext } from './context.ts';
import type { ServiceEntrySpec } from '../kinds/service-entry.ts';
import type { Fields } from './resource.ts';

/** A service or entry as far as its hosts' users are concerned. */
export type KnownHost = Pick<ServiceEntrySpec, 'hosts' | 'workloadSelector'> & {
  readonly ports?: readonly { readonly number: number }[];
};

const EVERYBODY = '*';
const EXPORT_TO = 'networking.istio.io/exportTo';
const CLUSTER_NAME = /^(.+)\.(.+)\.svc\.cluster\.local$/;

/** Short names belong to the namespace they are written in. */
export function fullHost(namespace: string, host: string): string {
  return host.startsWith('*') || host.includes('.')
    ? host
    : `${host}.${namespace}.svc.cluster.local`;
}

/** "namespace/service" of a host in the cluster; a short name is in `namespace`. */
export function serviceOfHost(namespace: string, host: string): string {
  const parts = CLUSTER_NAME.exec(host);
  return parts ? `${parts[2] ?? ''}/${parts[1] ?? ''}` : `${namespace}/${host}`;
}

export class ServiceHosts {
  /** "scope/host" → who it is; the scope is a namespace or "*". */
  readonly #hosts = new Map<string, KnownHost>();

  constructor(context: AnalysisContext) {
    for (const { spec, namespace } of context.all('ServiceEntry'))
      for (const host of spec.hosts ?? [])
        for (const scope of scopes(spec.exportTo, namespace))
          this.#hosts.set(`${scope}/${fullHost(namespace, host)}`, spec);
    for (const { name, namespace, spec, annotations } of context.all('Service')) {
      const host = fullHost(namespace, name);
      const known = { hosts: [host], ports: portsOf(spec) };
      const exportTo = annotations[EXPORT_TO]?.split(',').map((scope) => scope.trim());
      for (const scope of scopes(exportTo, namespace)) this.#hosts.set(`${scope}/${host}`, known);
    }
  }

  /** Who answers to `host` when it is written in `namespace` and exported as told. */
  find(
    namespace: string,
    exportTo: readonly string[] | undefined,
    host: string,
  ): KnownHost | undefined {
    const full = fullHost(namespace, host);
    const places = exportTo?.length
      ? exportTo.map((scope) => (scope === '.' ? namespace : scope))
      : [namespace];
    for (const scope of [EVERYBODY, ...places]) {
      const known = this.#hosts.get(`${scope}/${full}`);
      if (known) return known;
    }
    const suffix = host.replace(/^\*/, '');
    for (const [key, known] of this.#hosts) {
      const slash = key.indexOf('/');
      const scope = key.slice(0, slash);
      const pattern = key.slice(slash + 1);
      const visible = scope === EVERYBODY || scope === namespace;
      if (visible && pattern.startsWith('*') && suffix.endsWith(pattern.slice(1))) return known;
    }
    return undefined;
  }
}

function scopes(exportTo: readonly string[] | undefined, namespace: string): string[] {
  if (!exportTo?.length || exportTo.includes(EVERYBODY)) return [EVERYBODY];
  return exportTo.map((scope) => (scope === '.' ? namespace : scope));
}

function portsOf(spec: Fields): { readonly number: number }[] {
  const ports = (spec['ports'] ?? []) as readonly { readonly port?: number }[];
  return ports.map(({ port = 0 }) => ({ number: port }));
}
