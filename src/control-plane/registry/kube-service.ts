/**
 * Models the conversion of a Kubernetes Service.
 *
 * Spec: istio pilot/pkg/serviceregistry/kube/conversion.go, ConvertService.
 */
import type { Service as KubeService } from '../../kube/objects/service.ts';
import { originIn } from '../origin.ts';
import { portProtocol } from './protocol-selection.ts';
import type { Resolution, Service } from './service.ts';

const EXPORT_TO = 'networking.istio.io/exportTo';
const CANONICAL_ACCOUNTS = 'alpha.istio.io/canonical-serviceaccounts';
const KUBERNETES_ACCOUNTS = 'alpha.istio.io/kubernetes-serviceaccounts';
const TRAFFIC_DISTRIBUTION = 'networking.istio.io/traffic-distribution';

export function kubeServiceHost(name: string, namespace: string): string {
  return `${name}.${namespace}.svc.cluster.local`;
}

export function convertKubeService(
  service: KubeService,
  trustDomain: string,
  namespaceAnnotations: Readonly<Record<string, string>> | undefined,
): Service {
  const { metadata, spec } = service;
  const namespace = metadata.namespace ?? '';
  const annotations = metadata.annotations ?? {};
  const externalName = spec.type === 'ExternalName' ? (spec.externalName ?? '') : '';
  const hasVip = spec.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None';
  const exportTo = annotations[EXPORT_TO];
  const distribution = trafficDistribution(
    spec.trafficDistribution,
    annotations[TRAFFIC_DISTRIBUTION] ?? namespaceAnnotations?.[TRAFFIC_DISTRIBUTION],
  );
  return {
    host: kubeServiceHost(metadata.name, namespace),
    name: metadata.name,
    namespace,
    registry: 'Kubernetes',
    creationTimestamp: metadata.creationTimestamp ?? '',
    ports: (spec.ports ?? []).map(({ name = '', port, protocol, appProtocol }) => ({
      name,
      port,
      protocol: portProtocol(port, name, protocol, appProtocol),
    })),
    address: hasVip ? spec.clusterIP! : '0.0.0.0',
    extraAddresses: hasVip ? (spec.clusterIPs ?? []).slice(1) : [],
    resolution: resolution(spec.clusterIP, externalName),
    meshExternal: externalName !== '',
    labels: metadata.labels ?? {},
    selector: spec.selector,
    exportTo: exportTo === undefined || exportTo === '' ? undefined : words(exportTo),
    serviceAccounts: [
      ...words(annotations[CANONICAL_ACCOUNTS]),
      ...words(annotations[KUBERNETES_ACCOUNTS]).map(
        (account) => `spiffe://${trustDomain}/ns/${namespace}/sa/${account}`,
      ),
    ],
    ...(externalName && { externalName }),
    aliases: [],
    nodeLocal: spec.internalTrafficPolicy === 'Local',
    ...(distribution && { trafficDistribution: distribution }),
    ...(spec.publishNotReadyAddresses && { publishNotReadyAddresses: true }),
    origin: originIn(service),
  };
}

function resolution(clusterIP: string | undefined, externalName: string): Resolution {
  if (clusterIP === 'None') return 'PASSTHROUGH';
  return externalName === '' ? 'EDS' : 'ALIAS';
}

function trafficDistribution(
  spec: string | undefined,
  annotation: string | undefined,
): Service['trafficDistribution'] {
  for (const wish of [spec, annotation]) {
    const name = wish?.toLowerCase();
    if (name === 'preferclose' || name === 'prefersamezone') return 'PreferSameZone';
    if (name === 'prefersamenode') return 'PreferSameNode';
  }
  return undefined;
}

function words(text: string | undefined): string[] {
  return text ? text.split(',').map((word) => word.trim()) : [];
}
