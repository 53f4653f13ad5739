/** Names that the files define, for completion: hosts, subsets, gateways. */
import type { YamlDocument } from '../../kube/yaml/documents.ts';

export interface KnownNames {
  readonly hosts: readonly string[];
  readonly gateways: readonly string[];
  /** host → names of its subsets. */
  readonly subsets: ReadonlyMap<string, readonly string[]>;
}

interface Named {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly host?: string;
    readonly hosts?: readonly string[];
    readonly subsets?: readonly { readonly name?: string }[];
  };
}

export function knownNames(documents: readonly YamlDocument[]): KnownNames {
  const hosts = new Set<string>();
  const gateways = new Set<string>();
  const subsets = new Map<string, readonly string[]>();
  for (const { value } of documents) {
    const { apiVersion = '', kind, metadata, spec } = (value ?? {}) as Named;
    const name = metadata?.name;
    if (kind === 'Service' && name) hosts.add(name);
    if (kind === 'ServiceEntry' && Array.isArray(spec?.hosts))
      for (const host of spec.hosts) hosts.add(String(host));
    if (kind === 'Gateway' && name && apiVersion.includes('istio.io')) gateways.add(name);
    if (kind === 'DestinationRule' && spec?.host && Array.isArray(spec.subsets)) {
      const names = spec.subsets.flatMap((subset) => (subset?.name ? [subset.name] : []));
      subsets.set(spec.host, names);
    }
  }
  return { hosts: [...hosts].sort(), gateways: [...gateways].sort(), subsets };
}
