/**
 * Models what the API server checks about core kinds, in its own words.
 *
 * Spec: k8s.io/kubernetes/pkg/apis/{core,apps,batch}/validation
 * Simplified: the mistakes people make; not every rule.
 */
import { matchesSelector } from '../labels/selector.ts';
import type { KubeObject, LabelSelector, StringMap } from '../objects/metadata.ts';
import type { Container, Pod, PodSpec, PodTemplateSpec } from '../objects/pod.ts';
import type { ServiceSpec } from '../objects/service.ts';
import type { FieldError } from './api-error.ts';
import { decoded, decodingProblem } from './decoding.ts';
import { deepEqual } from './merge.ts';
import { labelErrors, nameError } from './names.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with an object about to be stored; empty when nothing is. */
export function validateObject(
  kindId: string,
  given: KubeObject,
  old: KubeObject | undefined,
): FieldError[] {
  const object = decoded(kindId, given);
  const broken = decodingProblem(kindId, object);
  if (broken) return [{ path: broken.path, detail: broken.words }];
  const errors: FieldError[] = [];
  validateMetadata(kindId, object, errors);
  const spec = object.spec as Fields | undefined;
  switch (kindId) {
    case 'Pod':
      validatePodSpec(spec as unknown as PodSpec | undefined, 'spec', errors);
      if (old && errors.length === 0) validatePodUpdate(object as Pod, old as Pod, errors);
      break;
    case 'Service':
      validateService(spec as unknown as ServiceSpec | undefined, errors);
      break;
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      validateWorkload(spec, old?.spec as Fields | undefined, errors);
      break;
    case 'Job':
      validateTemplate(spec?.['template'] as PodTemplateSpec | undefined, errors);
      validateJobRestart(spec?.['template'] as PodTemplateSpec | undefined, errors);
      break;
  }
  return errors;
}

function validateMetadata(kindId: string, object: KubeObject, errors: FieldError[]): void {
  const { name, labels, annotations } = object.metadata;
  if (!name) {
    errors.push({
      path: 'metadata.name',
      detail: 'Required value: name or generateName is required',
    });
  } else {
    const detail = nameError(kindId, name);
    if (detail)
      errors.push({ path: 'metadata.name', detail: `Invalid value: "${name}": ${detail}` });
  }
  errors.push(...labelErrors('metadata.labels', labels));
  for (const [key, value] of Object.entries(annotations ?? {}))
    if (typeof value !== 'string')
      errors.push({
        path: `metadata.annotations.${key}`,
        detail: 'Invalid value: must be a string',
      });
}

function validateWorkload(
  spec: Fields | undefined,
  old: Fields | undefined,
  errors: FieldError[],
): void {
  const selector = spec?.['selector'] as LabelSelector | undefined;
  const template = spec?.['template'] as PodTemplateSpec | undefined;
  const replicas = spec?.['replicas'];
  if (typeof replicas === 'number' && replicas < 0)
    errors.push({
      path: 'spec.replicas',
      detail: `Invalid value: ${replicas}: must be greater than or equal to 0`,
    });
  if (!selector) errors.push({ path: 'spec.selector', detail: 'Required value' });
  const labels = template?.metadata?.labels;
  if (selector && template && !matchesSelector(selector, labels))
    errors.push({
      path: 'spec.template.metadata.labels',
      detail: `Invalid value: ${goMap(labels)}: \`selector\` does not match template \`labels\``,
    });
  if (selector && old && canonical(selector) !== canonical(old['selector']))
    errors.push({
      path: 'spec.selector',
      detail: `Invalid value: ${canonical(selector)}: field is immutable`,
    });
  validateTemplate(template, errors);
}

function validateTemplate(template: PodTemplateSpec | undefined, errors: FieldError[]): void {
  errors.push(...labelErrors('spec.template.labels', template?.metadata?.labels));
  validatePodSpec(template?.spec, 'spec.template.spec', errors);
}

function validateJobRestart(template: PodTemplateSpec | undefined, errors: FieldError[]): void {
  const policy = template?.spec?.restartPolicy;
  if (policy === 'OnFailure' || policy === 'Never') return;
  errors.push({
    path: 'spec.template.spec.restartPolicy',
    detail: `Required value: valid values: "OnFailure", "Never"`,
  });
}

function validatePodSpec(spec: PodSpec | undefined, path: string, errors: FieldError[]): void {
  const containers = spec?.containers;
  if (!Array.isArray(containers) || containers.length === 0) {
    errors.push({ path: `${path}.containers`, detail: 'Required value' });
    return;
  }
  const names = new Set<string>();
  const volumes = new Set((spec?.volumes ?? []).map((volume) => volume.name));
  const lists = [
    ['initContainers', spec?.initContainers ?? []],
    ['containers', containers as readonly Container[]],
  ] as const;
  for (const [list, items] of lists)
    items.forEach((container, at) =>
      validateContainer(container, `${path}.${list}[${at}]`, { names, volumes }, errors),
    );
}

/** A pod is made once: only its images, its node and little else may change. */
function validatePodUpdate(pod: Pod, old: Pod, errors: FieldError[]): void {
  const fixed = (spec: PodSpec) => ({
    ...spec,
    nodeName: old.spec.nodeName ?? spec.nodeName,
    terminationGracePeriodSeconds: 0,
    containers: spec.containers.map(withoutImage),
    initContainers: (spec.initContainers ?? []).map(withoutImage),
  });
  const [next, before] = [fixed(pod.spec), fixed(old.spec)];
  if (deepEqual(next, { ...before, nodeName: next.nodeName })) return;
  const allowed = [
    '`spec.containers[*].image`',
    '`spec.initContainers[*].image`',
    '`spec.activeDeadlineSeconds`',
    '`spec.tolerations` (only additions to existing tolerations)',
    '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
  ];
  const detail = `Forbidden: pod updates may not change fields other than ${allowed.join(',')}`;
  errors.push({ path: 'spec', detail });
}

function withoutImage(container: Container): Container {
  return { ...container, image: '', imagePullPolicy: '' };
}

function validateContainer(
  container: Container,
  path: string,
  seen: { readonly names: Set<string>; readonly volumes: ReadonlySet<string> },
  errors: FieldError[],
): void {
  const { name, image, ports = [], volumeMounts = [] } = container;
  if (!name) errors.push({ path: `${path}.name`, detail: 'Required value' });
  else if (nameError('Namespace', name))
    errors.push({
      path: `${path}.name`,
      detail: `Invalid value: "${name}": ${nameError('Namespace', name)}`,
    });
  else if (seen.names.has(name))
    errors.push({ path: `${path}.name`, detail: `Duplicate value: "${name}"` });
  seen.names.add(name);
  if (!image) errors.push({ path: `${path}.image`, detail: 'Required value' });
  ports.forEach((port, at) => {
    const detail = portError(port.containerPort);
    if (detail) errors.push({ path: `${path}.ports[${at}].containerPort`, detail });
  });
  volumeMounts.forEach((mount, at) => {
    if (!seen.volumes.has(mount.name))
      errors.push({
        path: `${path}.volumeMounts[${at}].name`,
        detail: `Not found: "${mount.name}"`,
      });
  });
}

function validateService(spec: ServiceSpec | undefined, errors: FieldError[]): void {
  if (spec?.type === 'ExternalName') {
    if (!spec.externalName)
      errors.push({
        path: 'spec.externalName',
        detail: 'Required value',
      });
    return;
  }
  const ports = spec?.ports ?? [];
  if (ports.length === 0 && spec?.clusterIP !== 'None')
    errors.push({ path: 'spec.ports', detail: 'Required value' });
  const names = new Set<string>();
  ports.forEach((port, at) => {
    const path = `spec.ports[${at}]`;
    if (ports.length > 1 && !port.name)
      errors.push({ path: `${path}.name`, detail: 'Required value' });
    else if (port.name && names.has(port.name))
      errors.push({ path: `${path}.name`, detail: `Duplicate value: "${port.name}"` });
    if (port.name) names.add(port.name);
    const detail = portError(port.port);
    if (detail) errors.push({ path: `${path}.port`, detail });
  });
  errors.push(...labelErrors('spec.selector', spec?.selector));
}

function portError(port: unknown): string | undefined {
  if (Number.isInteger(port) && (port as number) >= 1 && (port as number) <= 65_535)
    return undefined;
  return `Invalid value: ${String(port)}: must be between 1 and 65535, inclusive`;
}

/** Go's %#v of a label map. */
function goMap(labels: StringMap | undefined): string {
  if (!labels) return 'map[string]string(nil)';
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[string]string{${entries.map(([key, value]) => `"${key}":"${value}"`).join(', ')}}`;
}

function canonical(value: unknown): string {
  return JSON.stringify(value);
}
