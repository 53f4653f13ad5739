/**
 * Models `kubectl describe pod`.
 *
 * Spec: k8s.io/kubectl/pkg/describe PodDescriber. Simplified: no events, tolerations, QoS class.
 */
import { controllerOf } from '../../../kube/controllers/owner.ts';
import type { Node } from '../../../kube/objects/cluster.ts';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  EnvVar,
  Pod,
  Probe,
  Volume,
} from '../../../kube/objects/pod.ts';
import { block, conditionLines, heading, longDate, pairs, type Field } from './description.ts';
import type { KubectlWorld } from './world.ts';

export function describePod(pod: Pod, world: KubectlWorld): string[] {
  const { metadata, spec, status } = pod;
  const owner = controllerOf(pod);
  const node = spec.nodeName ? world.api.get<Node>('Node', '', spec.nodeName) : undefined;
  const nodeIp = node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  const isGoing = metadata.deletionTimestamp !== undefined;
  return block([
    ...heading(metadata),
    ['Priority', '0'],
    ['Service Account', spec.serviceAccountName ?? 'default'],
    ['Node', spec.nodeName ? `${spec.nodeName}/${nodeIp ?? ''}` : '<none>'],
    ...(status?.startTime ? [['Start Time', longDate(status.startTime)] as const] : []),
    ['Labels', pairs(metadata.labels)],
    ['Annotations', pairs(metadata.annotations, ': ')],
    ['Status', isGoing ? 'Terminating' : (status?.phase ?? 'Pending')],
    ...(isGoing
      ? [['Termination Grace Period', `${metadata.deletionGracePeriodSeconds}s`] as const]
      : []),
    ['IP', status?.podIP ?? ''],
    ['IPs', { lines: block([['IP', status?.podIP ?? '']], 2) }],
    ...(owner ? [['Controlled By', `${owner.kind}/${owner.name}`] as const] : []),
    ...(spec.initContainers
      ? [containers('Init Containers', spec.initContainers, status?.initContainerStatuses)]
      : []),
    containers('Containers', spec.containers, status?.containerStatuses),
    ['Conditions', conditionLines(status?.conditions, false)],
    ['Volumes', { lines: (spec.volumes ?? []).flatMap(volumeLines) }],
    ['Events', '<none>'],
  ]);
}

function containers(
  title: string,
  list: readonly Container[],
  statuses: readonly ContainerStatus[] = [],
): Field {
  const lines = list.flatMap((container) => [
    `  ${container.name}:`,
    ...containerLines(
      container,
      statuses.find(({ name }) => name === container.name),
    ),
  ]);
  return [title, { lines }];
}

function containerLines(container: Container, status: ContainerStatus | undefined): string[] {
  const ports = (container.ports ?? []).map(
    ({ containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol}`,
  );
  const limits = Object.entries(container.resources?.limits ?? {});
  const requests = Object.entries(container.resources?.requests ?? {});
  const amounts = (entries: [string, unknown][]) => ({
    lines: block(
      entries.map(([name, amount]): Field => [name, String(amount)]),
      6,
    ),
  });
  return block(
    [
      ['Image', container.image ?? ''],
      [ports.length > 1 ? 'Ports' : 'Port', ports.join(', ') || '<none>'],
      ...(container.command ? [words('Command', container.command)] : []),
      ...(container.args ? [words('Args', container.args)] : []),
      ...state('State', status?.state),
      ...(status?.lastState ? state('Last State', status.lastState) : []),
      ['Ready', status?.ready ? 'True' : 'False'],
      ['Restart Count', String(status?.restartCount ?? 0)],
      ...(limits.length > 0 ? [['Limits', amounts(limits)] as const] : []),
      ...(requests.length > 0 ? [['Requests', amounts(requests)] as const] : []),
      ...probeField('Liveness', container.livenessProbe),
      ...probeField('Readiness', container.readinessProbe),
      ...probeField('Startup', container.startupProbe),
      environment(container.env ?? []),
    ],
    4,
  );
}

function words(title: string, list: readonly string[]): Field {
  return [title, { lines: list.map((text) => `      ${text}`) }];
}

function state(title: string, value: ContainerState | undefined): Field[] {
  const { waiting, running, terminated } = value ?? {};
  if (running)
    return [
      [title, 'Running'],
      ['  Started', longDate(running.startedAt)],
    ];
  if (waiting)
    return [
      [title, 'Waiting'],
      ['  Reason', waiting.reason],
    ];
  if (!terminated) return [[title, 'Waiting']];
  return [
    [title, 'Terminated'],
    ['  Reason', terminated.reason],
    ['  Exit Code', String(terminated.exitCode)],
    ['  Started', longDate(terminated.startedAt)],
    ['  Finished', longDate(terminated.finishedAt)],
  ];
}

function probeField(title: string, probe: Probe | undefined): Field[] {
  if (!probe) return [];
  const { httpGet, tcpSocket, exec, grpc } = probe;
  const action = httpGet
    ? `http-get ${(httpGet.scheme ?? 'HTTP').toLowerCase()}://${httpGet.host ?? ''}:${httpGet.port}${httpGet.path ?? '/'}`
    : tcpSocket
      ? `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port}`
      : grpc
        ? `grpc <pod>:${grpc.port} ${grpc.service ?? ''}`
        : `exec [${(exec?.command ?? []).join(' ')}]`;
  const timing = [
    `delay=${probe.initialDelaySeconds ?? 0}s`,
    `timeout=${probe.timeoutSeconds ?? 1}s`,
    `period=${probe.periodSeconds ?? 10}s`,
    `#success=${probe.successThreshold ?? 1}`,
    `#failure=${probe.failureThreshold ?? 3}`,
  ];
  return [[title, `${action} ${timing.join(' ')}`]];
}

function environment(variables: readonly EnvVar[]): Field {
  if (variables.length === 0) return ['Environment', '<none>'];
  return [
    'Environment',
    {
      lines: block(
        variables.map(({ name, value, valueFrom }): Field => [name, value ?? source(valueFrom)]),
        6,
      ),
    },
  ];
}

function source(valueFrom: EnvVar['valueFrom']): string {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom ?? {};
  if (fieldRef) return ` (v1:${fieldRef.fieldPath})`;
  if (resourceFieldRef) return `node allocatable (${resourceFieldRef.resource})`;
  if (configMapKeyRef)
    return `<set to the key '${configMapKeyRef.key}' of config map '${configMapKeyRef.name}'>`;
  if (secretKeyRef)
    return `<set to the key '${secretKeyRef.key}' in secret '${secretKeyRef.name}'>`;
  return '';
}

function volumeLines(volume: Volume): string[] {
  const type = Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
  return [`  ${volume.name}:`, ...block([['Type', type[0]!.toUpperCase() + type.slice(1)]], 4)];
}
