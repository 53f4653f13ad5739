/**
 * Models how the API server decodes core kinds: a text where a list belongs ends it, in Go's words.
 *
 * Spec: encoding/json's UnmarshalTypeError over k8s.io/api. Simplified: the fields that something
 * here reads; unknown fields of core kinds are kept.
 */
import type { KubeObject } from '../objects/metadata.ts';

type Scalar = 'string' | 'int32' | 'bool';
interface Struct {
  readonly type: string;
  readonly fields: Readonly<Record<string, Shape>>;
}
interface ListOf {
  readonly listOf: Shape;
}
interface MapOf {
  readonly mapOf: Scalar;
}
/** Anything goes where a shape has no field for it. */
type Shape = Scalar | Struct | ListOf | MapOf;

const struct = (type: string, fields: Record<string, Shape>): Struct => ({ type, fields });
const listOf = (shape: Shape): ListOf => ({ listOf: shape });
const TEXTS: MapOf = { mapOf: 'string' };

const PROBE = struct('Probe', {
  httpGet: struct('HTTPGetAction', { path: 'string', scheme: 'string', host: 'string' }),
  tcpSocket: struct('TCPSocketAction', { host: 'string' }),
  exec: struct('ExecAction', { command: listOf('string') }),
  initialDelaySeconds: 'int32',
  periodSeconds: 'int32',
  timeoutSeconds: 'int32',
  successThreshold: 'int32',
  failureThreshold: 'int32',
});
const HOOK = struct('LifecycleHandler', {
  exec: struct('ExecAction', { command: listOf('string') }),
  httpGet: struct('HTTPGetAction', {}),
  sleep: struct('SleepAction', { seconds: 'int32' }),
});
const CONTAINER = struct('Container', {
  name: 'string',
  image: 'string',
  command: listOf('string'),
  args: listOf('string'),
  env: listOf(
    struct('EnvVar', { name: 'string', value: 'string', valueFrom: struct('EnvVarSource', {}) }),
  ),
  envFrom: listOf(struct('EnvFromSource', {})),
  ports: listOf(
    struct('ContainerPort', { name: 'string', containerPort: 'int32', protocol: 'string' }),
  ),
  resources: struct('ResourceRequirements', {}),
  volumeMounts: listOf(struct('VolumeMount', { name: 'string', mountPath: 'string' })),
  livenessProbe: PROBE,
  readinessProbe: PROBE,
  startupProbe: PROBE,
  lifecycle: struct('Lifecycle', { postStart: HOOK, preStop: HOOK }),
});
const METADATA = struct('ObjectMeta', {
  namespace: 'string',
  generateName: 'string',
  labels: TEXTS,
  annotations: TEXTS,
  ownerReferences: listOf(struct('OwnerReference', {})),
});
const POD_SPEC = struct('PodSpec', {
  containers: listOf(CONTAINER),
  initContainers: listOf(CONTAINER),
  volumes: listOf(struct('Volume', { name: 'string' })),
  nodeSelector: TEXTS,
  nodeName: 'string',
  serviceAccountName: 'string',
  hostNetwork: 'bool',
  terminationGracePeriodSeconds: 'int32',
  restartPolicy: 'string',
});
const TEMPLATE = struct('PodTemplateSpec', { metadata: METADATA, spec: POD_SPEC });
const SELECTOR = struct('LabelSelector', {
  matchLabels: TEXTS,
  matchExpressions: listOf(
    struct('LabelSelectorRequirement', {
      key: 'string',
      operator: 'string',
      values: listOf('string'),
    }),
  ),
});
const workload = (type: string) =>
  struct(type, {
    replicas: 'int32',
    selector: SELECTOR,
    template: TEMPLATE,
    strategy: struct('DeploymentStrategy', {
      type: 'string',
      rollingUpdate: struct('RollingUpdate', {}),
    }),
    parallelism: 'int32',
    completions: 'int32',
    backoffLimit: 'int32',
    paused: 'bool',
  });
const SERVICE_SPEC = struct('ServiceSpec', {
  type: 'string',
  selector: TEXTS,
  clusterIP: 'string',
  externalName: 'string',
  ports: listOf(
    struct('ServicePort', { name: 'string', port: 'int32', protocol: 'string', nodePort: 'int32' }),
  ),
});

const KINDS: Readonly<Record<string, Struct>> = {
  Pod: struct('Pod', { spec: POD_SPEC, status: struct('PodStatus', { podIP: 'string' }) }),
  Service: struct('Service', { spec: SERVICE_SPEC }),
  Deployment: struct('Deployment', { spec: workload('DeploymentSpec') }),
  ReplicaSet: struct('ReplicaSet', { spec: workload('ReplicaSetSpec') }),
  StatefulSet: struct('StatefulSet', { spec: workload('StatefulSetSpec') }),
  DaemonSet: struct('DaemonSet', { spec: workload('DaemonSetSpec') }),
  Job: struct('Job', { spec: workload('JobSpec') }),
  ConfigMap: struct('ConfigMap', { data: TEXTS }),
  Secret: struct('Secret', { data: TEXTS, stringData: TEXTS }),
  EndpointSlice: struct('EndpointSlice', {
    addressType: 'string',
    endpoints: listOf(
      struct('Endpoint', {
        addresses: listOf('string'),
        conditions: struct('EndpointConditions', {}),
      }),
    ),
    ports: listOf(struct('EndpointPort', { name: 'string', port: 'int32' })),
  }),
  Node: struct('Node', { spec: struct('NodeSpec', { unschedulable: 'bool' }) }),
};

export interface DecodingProblem {
  /** "spec.template.spec.containers". */
  readonly path: string;
  /** "json: cannot unmarshal string into Go struct field …". */
  readonly words: string;
}

/** The object without nulls: a key with nothing behind it is the same as no key. */
export function decoded(kindId: string, object: KubeObject): KubeObject {
  const whole = kindId in KINDS ? (withoutNulls(object) as KubeObject) : object;
  const metadata = withoutNulls(whole.metadata) as KubeObject['metadata'];
  return metadata === whole.metadata ? whole : { ...whole, metadata };
}

/** The same value when there is nothing to take away. Items of lists stay. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(withoutNulls);
    return items.every((item, at) => item === value[at]) ? value : items;
  }
  let isSame = true;
  const kept: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    if (field === null) isSame = false;
    else {
      kept[key] = withoutNulls(field);
      isSame &&= kept[key] === field;
    }
  }
  return isSame ? value : kept;
}

/** The first value of the wrong type, if any. */
export function decodingProblem(kindId: string, object: KubeObject): DecodingProblem | undefined {
  const metadata = problemIn(METADATA, object.metadata, 'metadata', 'ObjectMeta');
  if (metadata) return metadata;
  const kind = KINDS[kindId];
  return kind && problemIn(kind, object, '', kind.type);
}

function problemIn(
  shape: Shape,
  value: unknown,
  path: string,
  owner: string,
): DecodingProblem | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isOfShape(shape, value)) {
    const field = `${owner}.${path}`;
    const words = `json: cannot unmarshal ${goName(value)} into Go struct field ${field} of type ${goType(shape)}`;
    return { path, words };
  }
  if (typeof shape === 'string') return undefined;
  if ('mapOf' in shape) return firstProblem(Object.values(value), shape.mapOf, path, owner);
  if ('listOf' in shape) return firstProblem(value as unknown[], shape.listOf, path, owner);
  for (const [name, child] of Object.entries(shape.fields)) {
    const at = path === '' ? name : `${path}.${name}`;
    const found = problemIn(child, (value as Record<string, unknown>)[name], at, shape.type);
    if (found) return found;
  }
  return undefined;
}

/** An empty item (`- `) is refused like a wrong one: Go would make a zero value of it. */
function firstProblem(
  items: readonly unknown[],
  shape: Shape,
  path: string,
  owner: string,
): DecodingProblem | undefined {
  for (const item of items) {
    const found = problemIn(shape, item ?? (typeof shape === 'string' ? '' : false), path, owner);
    if (found) return found;
  }
  return undefined;
}

function isOfShape(shape: Shape, value: unknown): boolean {
  if (shape === 'string') return typeof value === 'string';
  if (shape === 'int32') return Number.isInteger(value);
  if (shape === 'bool') return typeof value === 'boolean';
  if ('listOf' in shape) return Array.isArray(value);
  return typeof value === 'object' && !Array.isArray(value);
}

function goName(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`;
  return typeof value === 'string' ? 'string' : 'object';
}

function goType(shape: Shape): string {
  if (typeof shape === 'string') return shape;
  if ('mapOf' in shape) return `map[string]${shape.mapOf}`;
  if ('listOf' in shape) return `[]${goType(shape.listOf)}`;
  return `v1.${shape.type}`;
}
