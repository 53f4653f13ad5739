/** `xds PATH… --proxy POD.NS`: the cluster is what the files say. */
import type { ProxyNode, ProxyType } from '../../control-plane/discovery/proxy-node.ts';
import { generateEverything } from '../../control-plane/generate.ts';
import { buildPushContext } from '../../control-plane/push/push-context.ts';
import { validateDocument } from '../../istio/document.ts';
import type { MeshConfig } from '../../istio/kinds/mesh-config.ts';
import { REGION_LABEL, ZONE_LABEL } from '../../kube/objects/cluster.ts';
import type { KubeObject } from '../../kube/objects/metadata.ts';
import { kindOf } from '../../kube/objects/kinds.ts';
import { withDefaults } from '../../kube/api/defaults.ts';
import type { Pod } from '../../kube/objects/pod.ts';
import { readDocuments } from '../../kube/yaml/documents.ts';
import { CommandFailure } from '../failure.ts';
import { readInputFiles, readText } from '../input.ts';

export interface FromFilesOptions {
  readonly type: string | undefined;
  readonly types: readonly string[];
  readonly meshConfig: string | undefined;
}

const LISTS: Readonly<Record<string, string>> = {
  lds: 'listeners',
  rds: 'routes',
  cds: 'clusters',
  eds: 'endpoints',
  sds: 'secrets',
};

/** The state of the world that files tell, and the proxy of one of their pods. */
export function pushFromFiles(
  paths: readonly string[],
  proxy: string,
  type: string | undefined,
  meshConfig: string | undefined,
) {
  const documents = readInputFiles(paths).flatMap(({ path, text }) => readDocuments(text, path));
  const verdicts = documents.map((document) => validateDocument(document));
  const objects = verdicts.flatMap(({ value }) => (value ? [defaulted(value as KubeObject)] : []));
  const push = buildPushContext({ objects, meshConfig: meshConfigOf(objects, meshConfig) });
  return { verdicts, push, node: nodeOf(objects, proxy, type) };
}

function defaulted(object: KubeObject): KubeObject {
  const definition = kindOf(object);
  return definition ? withDefaults(definition.id, object) : object;
}

export function answerProxy(paths: readonly string[], proxy: string, options: FromFilesOptions) {
  const { verdicts, push, node } = pushFromFiles(paths, proxy, options.type, options.meshConfig);
  const everything = {
    ...generateEverything(node, push),
    secrets: [],
  };
  const wanted = options.types.map((type) => LISTS[type]);
  const lists = Object.entries(everything).filter(
    ([list]) => wanted.length === 0 || wanted.includes(list),
  );
  return {
    ...Object.fromEntries(lists),
    documents: verdicts.map((verdict, index) => ({
      index,
      kind: verdict.kind,
      namespace: verdict.namespace,
      name: verdict.name,
      accepted: verdict.accepted,
      ...(verdict.stage && { stage: verdict.stage }),
      errors: verdict.errors,
      warnings: verdict.warnings,
      ranges: verdict.ranges,
    })),
  };
}

function meshConfigOf(objects: readonly KubeObject[], file: string | undefined): MeshConfig {
  const stored = objects.find(
    ({ kind, metadata }) =>
      kind === 'ConfigMap' && metadata.name === 'istio' && metadata.namespace === 'istio-system',
  );
  const text = file === undefined ? stored?.data?.['mesh'] : readText(file);
  return text === undefined ? {} : ((readDocuments(text)[0]?.value ?? {}) as MeshConfig);
}

function nodeOf(objects: readonly KubeObject[], id: string, type: string | undefined): ProxyNode {
  const [name, namespace = 'default'] = id.split('.');
  const found = (kind: string, wanted: string | undefined) =>
    objects.find((it) => it.kind === kind && it.metadata.name === wanted);
  const pod = objects.find(
    (it) =>
      it.kind === 'Pod' &&
      it.metadata.name === name &&
      (it.metadata.namespace ?? 'default') === namespace,
  ) as Pod | undefined;
  if (!pod) throw new CommandFailure(`no Pod ${id} in the files`);
  const nodeName = pod.spec.nodeName ?? '';
  const place = found('Node', nodeName)?.metadata.labels ?? {};
  return {
    id,
    type: (type ?? (isGateway(pod) ? 'router' : 'sidecar')) as ProxyType,
    ips: [pod.status?.podIP ?? '127.0.0.1'],
    namespace,
    dnsDomain: `${namespace}.svc.cluster.local`,
    labels: pod.metadata.labels ?? {},
    serviceAccount: pod.spec.serviceAccountName ?? 'default',
    locality: { region: place[REGION_LABEL] ?? '', zone: place[ZONE_LABEL] ?? '', subZone: '' },
    nodeName,
    clusterId: 'Kubernetes',
    metadata: {},
  };
}

/** A pod that is nothing but a proxy is a gateway. */
function isGateway({ spec }: Pod): boolean {
  return spec.containers.length === 1 && spec.containers[0]?.name === 'istio-proxy';
}
