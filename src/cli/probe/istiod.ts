/** The istiod of a probe: one state of the world, made of the case's accepted documents. */
import { IstioConfigGenerator } from '../../control-plane/config-generator.ts';
import type { ProxyNode } from '../../control-plane/discovery/proxy-node.ts';
import { validateDocument, type DocumentVerdict } from '../../istio/document.ts';
import type { MeshConfig } from '../../istio/kinds/mesh-config.ts';
import type { KubeObject } from '../../kube/objects/metadata.ts';
import { readDocuments } from '../../kube/yaml/documents.ts';
import { isoTimestamp, SECOND } from '../../sim/time.ts';
import type { ProbeCase, ProxyPlan } from './case.ts';
import type { ProbeIstiod } from './mesh.ts';

export interface StartedIstiod extends ProbeIstiod {
  /** On the documents under test, in their order. */
  readonly verdicts: readonly DocumentVerdict[];
}

export function startIstiod(probe: ProbeCase): StartedIstiod {
  const verdicts = verdictsOn(probe.configYaml, 'config.yaml');
  const objects = [
    ...acceptedObjects(verdictsOn(probe.clusterYaml, 'cluster.yaml')),
    ...acceptedObjects(verdicts),
  ];
  const generator = new IstioConfigGenerator({
    objects: () => objects,
    meshConfig: () => probe.setting.mesh_config as MeshConfig | undefined,
  });
  const push = generator.rebuild();
  const nodes = new Map(probe.setting.proxies.map((plan) => [plan.pod, nodeOf(plan)]));
  return {
    verdicts,
    resources: (type, proxy, names) => generator.generate(type, nodes.get(proxy.pod)!, names, push),
  };
}

function verdictsOn(yaml: string, path: string): DocumentVerdict[] {
  return readDocuments(yaml, path).map((document) => validateDocument(document));
}

/** As stored; a document that does not say when it was made is a second younger than the one before. */
function acceptedObjects(verdicts: readonly DocumentVerdict[]): KubeObject[] {
  return verdicts.flatMap(({ value }, index) => {
    if (!value) return [];
    const creationTimestamp =
      value.metadata.creationTimestamp ?? isoTimestamp((index + 1) * SECOND);
    return [{ ...value, metadata: { ...value.metadata, creationTimestamp } } as KubeObject];
  });
}

function nodeOf(plan: ProxyPlan): ProxyNode {
  const [name = '', namespace = 'default'] = plan.pod.split('.');
  return {
    id: plan.pod,
    type: plan.type,
    ips: [plan.ip],
    namespace,
    dnsDomain: `${namespace}.svc.cluster.local`,
    labels: plan.labels ?? {},
    serviceAccount: plan.service_account ?? 'default',
    locality: { region: plan.region ?? '', zone: plan.zone ?? '', subZone: '' },
    nodeName: plan.node ?? '',
    clusterId: 'Kubernetes',
    metadata: { NAME: name, MESH_ID: 'cluster.local' },
  };
}
