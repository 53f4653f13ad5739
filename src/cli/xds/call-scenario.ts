/** One scenario of `call`: configuration, a proxy and calls through it. */
import type { ProxyNode } from '../../control-plane/discovery/proxy-node.ts';
import { featuresFrom } from '../../control-plane/features.ts';
import { generateEverything } from '../../control-plane/generate.ts';
import { buildPushContext } from '../../control-plane/push/push-context.ts';
import type { Call } from '../../control-plane/simulation/call.ts';
import { simulate } from '../../control-plane/simulation/simulation.ts';
import { validateDocument } from '../../istio/document.ts';
import type { MeshConfig } from '../../istio/kinds/mesh-config.ts';
import type { KubeObject } from '../../kube/objects/metadata.ts';
import { objectOf, readDocuments } from '../../kube/yaml/documents.ts';

export interface Scenario {
  readonly id: string;
  readonly config?: string;
  readonly kube?: string;
  readonly meshConfig?: string;
  readonly domainSuffix?: string;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly proxy: {
    readonly id: string;
    readonly type?: 'sidecar' | 'router';
    readonly ip?: string;
    readonly ips?: readonly string[];
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly metadata?: Readonly<Record<string, unknown>>;
  };
  readonly calls: readonly { readonly name: string; readonly call: Call }[];
}

export function answerScenario(scenario: Scenario) {
  const meshConfig = scenario.meshConfig
    ? (readDocuments(scenario.meshConfig)[0]?.value as MeshConfig | undefined)
    : undefined;
  const push = buildPushContext({
    objects: [...objectsIn(scenario.kube), ...objectsIn(scenario.config)],
    ...(meshConfig && { meshConfig }),
    ...(scenario.domainSuffix !== undefined && { domainSuffix: scenario.domainSuffix }),
    features: featuresFrom(scenario.env),
  });
  const config = generateEverything(nodeOf(scenario.proxy), push);
  return {
    id: scenario.id,
    calls: scenario.calls.map(({ name, call }) => ({ name, ...simulate(config, call) })),
  };
}

/** Documents as they would be stored; what the schema refuses is taken as written. */
function objectsIn(text: string | undefined): KubeObject[] {
  return readDocuments(text ?? '').flatMap((document) => {
    const { value } = validateDocument(document, { unknownFields: 'ignore' });
    const object = (value ?? objectOf(document)) as KubeObject | undefined;
    if (!object) return [];
    const namespace = object.metadata.namespace ?? 'default';
    return [{ ...object, metadata: { ...object.metadata, namespace } }];
  });
}

function nodeOf({ id, type, ip, ips, namespace, labels, metadata }: Scenario['proxy']): ProxyNode {
  const own = namespace ?? 'default';
  return {
    id,
    type: type ?? 'sidecar',
    ips: ips ?? [ip ?? '1.1.1.1'],
    namespace: own,
    dnsDomain: `${own}.svc.cluster.local`,
    labels: labels ?? {},
    serviceAccount: 'default',
    locality: { region: '', zone: '', subZone: '' },
    nodeName: '',
    clusterId: 'Kubernetes',
    metadata: { ...metadata },
  };
}
