/**
 * Models `kubectl describe`.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_describe/. Simplified: pods,
 * services, deployments and nodes have their own form, everything else the form of custom resources.
 */
import { formatSelector } from '../../../kube/labels/selector.ts';
import { apiVersionOf, type KindDefinition } from '../../../kube/objects/kinds.ts';
import type { Node } from '../../../kube/objects/cluster.ts';
import type { KubeObject } from '../../../kube/objects/metadata.ts';
import type { Pod } from '../../../kube/objects/pod.ts';
import {
  SERVICE_NAME_LABEL,
  type EndpointSlice,
  type Service,
  type ServicePort,
} from '../../../kube/objects/service.ts';
import type { Deployment, ReplicaSet } from '../../../kube/objects/workload.ts';
import type { ParsedArguments } from './arguments.ts';
import { describePod } from './describe-pod.ts';
import { block, conditionLines, heading, longDate, pairs, type Field } from './description.ts';
import { select } from './resources.ts';
import type { KubectlResult, KubectlWorld } from './world.ts';

export function describe(parsed: ParsedArguments, world: KubectlWorld): KubectlResult {
  const selections = select(parsed.words, parsed, world);
  const errors = selections.flatMap((selection) => selection.errors);
  const texts = selections.flatMap(({ definition, objects }) =>
    objects.map((object) => describeObject(definition, object, world).join('\n')),
  );
  const output = [...(texts.length > 0 ? [texts.join('\n\n\n')] : []), ...errors].join('\n');
  return { output: output || 'No resources found', exitCode: errors.length > 0 ? 1 : 0 };
}

function describeObject(
  definition: KindDefinition,
  object: KubeObject,
  world: KubectlWorld,
): string[] {
  switch (definition.id) {
    case 'Pod':
      return describePod(object as Pod, world);
    case 'Service':
      return describeService(object as Service, world);
    case 'Deployment':
      return describeDeployment(object as Deployment, world);
    case 'Node':
      return describeNode(object as Node, world);
    default:
      return describeAny(definition, object);
  }
}

function describeService(service: Service, world: KubectlWorld): string[] {
  const { metadata, spec } = service;
  const slices = world.api.list<EndpointSlice>('EndpointSlice', {
    namespace: metadata.namespace!,
    selector: { matchLabels: { [SERVICE_NAME_LABEL]: metadata.name } },
  });
  const ports = (spec.ports ?? []).flatMap((port): Field[] => [
    ['Port', `${port.name ?? '<unset>'}  ${port.port}/${port.protocol ?? 'TCP'}`],
    ['TargetPort', `${port.targetPort ?? port.port}/${port.protocol ?? 'TCP'}`],
    ...(port.nodePort
      ? [['NodePort', `${port.name ?? '<unset>'}  ${port.nodePort}/TCP`] as const]
      : []),
    ['Endpoints', endpointsOf(port, slices)],
  ]);
  return block([
    ...heading(metadata),
    ['Labels', pairs(metadata.labels)],
    ['Annotations', pairs(metadata.annotations, ': ')],
    ['Selector', formatSelector(spec.selector)],
    ['Type', spec.type ?? 'ClusterIP'],
    ['IP Family Policy', spec.ipFamilyPolicy ?? 'SingleStack'],
    ['IP', spec.clusterIP ?? ''],
    ...(spec.externalName ? [['External Name', spec.externalName] as const] : []),
    ...ports,
    ['Session Affinity', spec.sessionAffinity ?? 'None'],
    ['Events', '<none>'],
  ]);
}

/** Ready addresses, three at most. */
function endpointsOf(port: ServicePort, slices: readonly EndpointSlice[]): string {
  const all = slices.flatMap(({ ports, endpoints }) => {
    const target = (ports ?? []).find(({ name = '' }) => name === (port.name ?? ''))?.port;
    return (endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses.map((address) => `${address}:${target ?? ''}`));
  });
  const more = all.length > 3 ? ` + ${all.length - 3} more...` : '';
  return all.slice(0, 3).join(',') + more;
}

function describeDeployment(deployment: Deployment, world: KubectlWorld): string[] {
  const { metadata, spec, status } = deployment;
  const { rollingUpdate } = spec.strategy ?? {};
  const { labels, annotations } = spec.template.metadata ?? {};
  const sets = world.api
    .dependents(deployment)
    .filter((object): object is ReplicaSet => object.kind === 'ReplicaSet');
  const named = (list: readonly ReplicaSet[]) =>
    list
      .map(
        (set) =>
          `${set.metadata.name} (${set.status?.replicas ?? 0}/${set.spec.replicas ?? 0} replicas created)`,
      )
      .join(', ') || '<none>';
  const current = sets.at(-1);
  const counts = [
    `${spec.replicas ?? 1} desired`,
    `${status?.updatedReplicas ?? 0} updated`,
    `${status?.replicas ?? 0} total`,
    `${status?.availableReplicas ?? 0} available`,
    `${status?.unavailableReplicas ?? 0} unavailable`,
  ];
  const containers = spec.template.spec.containers.flatMap(({ name, image = '', ports = [] }) => [
    `   ${name}:`,
    ...block(
      [
        ['Image', image],
        [
          'Port',
          ports.map((port) => `${port.containerPort}/${port.protocol ?? 'TCP'}`).join(', ') ||
            '<none>',
        ],
      ],
      4,
    ),
  ]);
  return block([
    ...heading(metadata),
    ['CreationTimestamp', longDate(metadata.creationTimestamp)],
    ['Labels', pairs(metadata.labels)],
    ['Annotations', pairs(metadata.annotations, ': ')],
    ['Selector', formatSelector(spec.selector)],
    ['Replicas', counts.join(' | ')],
    ['StrategyType', spec.strategy?.type ?? 'RollingUpdate'],
    ['MinReadySeconds', String(spec.minReadySeconds ?? 0)],
    ...(rollingUpdate
      ? [
          [
            'RollingUpdateStrategy',
            `${rollingUpdate.maxUnavailable} max unavailable, ${rollingUpdate.maxSurge} max surge`,
          ] as const,
        ]
      : []),
    [
      'Pod Template',
      {
        lines: [
          ...block(
            [
              ['Labels', pairs(labels)],
              ['Annotations', pairs(annotations, ': ')],
            ],
            2,
          ),
          '  Containers:',
          ...containers,
        ],
      },
    ],
    ['Conditions', conditionLines(status?.conditions, true)],
    ['OldReplicaSets', named(sets.slice(0, -1))],
    ['NewReplicaSet', current ? named([current]) : '<none>'],
    ['Events', '<none>'],
  ]);
}

function describeNode({ metadata, spec, status }: Node, world: KubectlWorld): string[] {
  const pods = world.api.list<Pod>('Pod').filter((pod) => pod.spec.nodeName === metadata.name);
  return block([
    ...heading(metadata),
    ['Roles', '<none>'],
    ['Labels', pairs(metadata.labels)],
    ['Annotations', pairs(metadata.annotations, ': ')],
    ['CreationTimestamp', longDate(metadata.creationTimestamp)],
    ['Unschedulable', String(spec?.unschedulable ?? false)],
    ['Conditions', conditionLines(status?.conditions, true)],
    [
      'Addresses',
      {
        lines: block(
          (status?.addresses ?? []).map(({ type, address }): Field => [type, address]),
          2,
        ),
      },
    ],
    ['Non-terminated Pods', `(${pods.length} in total)`],
    ['Events', '<none>'],
  ]);
}

function describeAny(definition: KindDefinition, object: KubeObject): string[] {
  const { metadata } = object;
  const rest = Object.fromEntries(
    Object.entries(object).filter(([key]) => !['apiVersion', 'kind', 'metadata'].includes(key)),
  );
  return [
    ...block([
      ...heading(metadata),
      ['Labels', pairs(metadata.labels)],
      ['Annotations', pairs(metadata.annotations, ': ')],
      ['API Version', apiVersionOf(definition)],
      ['Kind', definition.kind],
    ]),
    'Metadata:',
    ...tree(
      {
        creationTimestamp: metadata.creationTimestamp,
        resourceVersion: metadata.resourceVersion,
        uid: metadata.uid,
      },
      2,
    ),
    ...tree(rest, 0),
    'Events:  <none>',
  ];
}

/** Any value, keys in words: "trafficPolicy" → "Traffic Policy". */
function tree(value: object, indent: number): string[] {
  const margin = ' '.repeat(indent);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  const width =
    Math.max(
      0,
      ...entries.map(([key, item]) => (typeof item === 'object' ? 0 : inWords(key).length + 1)),
    ) + 2;
  return entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, item]: [string, unknown]) => {
      const title = inWords(key);
      if (Array.isArray(item))
        return [
          `${margin}${title}:`,
          ...item.flatMap((part: unknown) => itemLines(part, indent + 2)),
        ];
      if (typeof item === 'object')
        return [`${margin}${title}:`, ...tree(item as object, indent + 2)];
      return [margin + `${title}:`.padEnd(width) + String(item)];
    });
}

function itemLines(item: unknown, indent: number): string[] {
  return typeof item === 'object' && item !== null
    ? tree(item, indent)
    : [' '.repeat(indent) + String(item)];
}

function inWords(key: string): string {
  const spaced = key.replace(/([a-z0-9])([A-Z])/g, '$1 $2');
  return spaced[0]!.toUpperCase() + spaced.slice(1);
}
