/** One folder of `xds --cases`: a cluster, documents under test and proxies that ask. */
import path from 'node:path';
import { generateEverything, type ProxyAnswer } from '../../control-plane/generate.ts';
import type { ProxyNode } from '../../control-plane/discovery/proxy-node.ts';
import { buildPushContext } from '../../control-plane/push/push-context.ts';
import { analyze } from '../../istio/analysis/analyze.ts';
import { validateDocument } from '../../istio/document.ts';
import type { MeshConfig } from '../../istio/kinds/mesh-config.ts';
import { servedKind } from '../../istio/kinds/kinds.ts';
import type { KubeObject } from '../../kube/objects/metadata.ts';
import { objectOf, readDocuments, type YamlDocument } from '../../kube/yaml/documents.ts';
import { readJson, readText } from '../input.ts';

export interface CaseProxy {
  readonly pod: string;
  readonly type?: 'sidecar' | 'router';
  readonly ip: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly service_account?: string;
  readonly region?: string;
  readonly zone?: string;
  readonly subzone?: string;
  readonly node?: string;
}

interface CaseFile {
  readonly proxies: readonly CaseProxy[];
  readonly mesh_config?: MeshConfig;
}

/** Istio documents without a timestamp are made one second after another, in the order of the file. */
const FIRST_CREATED = Date.parse('2026-01-01T00:00:00Z');

export function answerIstiodCase(folder: string, name: string) {
  const cluster = readDocuments(readText(path.join(folder, name, 'cluster.yaml')), 'cluster.yaml');
  const config = readDocuments(readText(path.join(folder, name, 'config.yaml')), 'config.yaml');
  const { proxies, mesh_config: meshConfig } = readJson(
    path.join(folder, name, 'case.json'),
  ) as CaseFile;
  const verdicts = config.map((document) => validateDocument(document));
  const accepted = verdicts.flatMap(({ value }, index) =>
    value ? [aged(value as KubeObject, index)] : [],
  );
  const push = buildPushContext({
    objects: [...cluster.flatMap((document) => objectOf(document) ?? []), ...accepted],
    ...(meshConfig && { meshConfig }),
  });
  return {
    case: name,
    documents: verdicts.map((verdict, index) => ({
      index,
      kind: verdict.kind,
      namespace: verdict.namespace,
      name: verdict.name,
      accepted: verdict.accepted,
      ...(verdict.stage && { stage: verdict.stage }),
      errors: verdict.errors,
      warnings: verdict.warnings,
    })),
    analysis: analysisOf([...cluster, ...config], meshConfig),
    proxies: Object.fromEntries(
      proxies.map((proxy): [string, ProxyAnswer] => [
        proxy.pod,
        generateEverything(proxyNode(proxy), push),
      ]),
    ),
  };
}

function analysisOf(documents: readonly YamlDocument[], meshConfig: MeshConfig | undefined) {
  const sources = documents.map((document) => ({ object: document.value, document }));
  const messages = analyze(sources, {
    meshConfig: meshConfig ?? {},
    nowMs: Date.now(),
    assumeIngressGateway: true,
  });
  return messages.map(({ code, level, origin, message }) => ({ code, level, origin, message }));
}

function aged(object: KubeObject, index: number): KubeObject {
  const isIstio = servedKind(object.apiVersion, object.kind) !== undefined;
  if (object.metadata.creationTimestamp || !isIstio) return object;
  const created = new Date(FIRST_CREATED + (index + 1) * 1000).toISOString();
  return {
    ...object,
    metadata: { ...object.metadata, creationTimestamp: created.replace('.000Z', 'Z') },
  };
}

export function proxyNode(proxy: CaseProxy): ProxyNode {
  const [, namespace = 'default'] = /^[^.]*\.(.*)$/.exec(proxy.pod) ?? [];
  return {
    id: proxy.pod,
    type: proxy.type ?? 'sidecar',
    ips: [proxy.ip],
    namespace,
    dnsDomain: `${namespace}.svc.cluster.local`,
    labels: proxy.labels ?? {},
    serviceAccount: proxy.service_account ?? 'default',
    locality: {
      region: proxy.region ?? '',
      zone: proxy.zone ?? '',
      subZone: proxy.subzone ?? '',
    },
    nodeName: proxy.node ?? '',
    clusterId: 'Kubernetes',
    metadata: {},
  };
}
