/**
 * Models istio-proxy: the container that pilot-agent and Envoy run in, for sidecars and gateways.
 *
 * Spec: istio/manifests/charts/istio-control/istio-discovery/files/{injection-template,
 * gateway-injection-template}.yaml of 1.30.3
 */
import type {
  Container,
  EnvVar,
  PodSpec,
  ResourceRequirements,
  VolumeMount,
} from '../objects/pod.ts';
import {
  annotated,
  proxyConfigOf,
  type InjectionConfig,
  type InjectionSubject,
} from './injection-config.ts';

export const PROXY_CONTAINER = 'istio-proxy';

export function proxyImage(subject: InjectionSubject, config: InjectionConfig): string {
  return annotated(subject, 'sidecar.istio.io/proxyImage', config.image);
}

/** Requests and limits by annotation; any one of them replaces all the defaults. */
export function proxyResources(subject: InjectionSubject): ResourceRequirements {
  const given = (name: string) => subject.metadata.annotations?.[`sidecar.istio.io/${name}`];
  const [cpu, memory] = [given('proxyCPU'), given('proxyMemory')];
  const [cpuLimit, memoryLimit] = [given('proxyCPULimit'), given('proxyMemoryLimit')];
  if (!(cpu || memory || cpuLimit || memoryLimit))
    return {
      limits: { cpu: '2', memory: '1Gi' },
      requests: { cpu: '100m', memory: '128Mi' },
    };
  const pair = (a: string | undefined, b: string | undefined) => ({
    ...(a && { cpu: a }),
    ...(b && { memory: b }),
  });
  return {
    ...((cpu || memory) && { requests: pair(cpu, memory) }),
    ...((cpuLimit || memoryLimit) && { limits: pair(cpuLimit, memoryLimit) }),
  };
}

/** The container of a sidecar. `probers`: ISTIO_KUBE_APP_PROBERS, if probes were rewritten. */
export function sidecarContainer(
  subject: InjectionSubject,
  spec: PodSpec,
  config: InjectionConfig,
  options: { readonly isNative: boolean; readonly probers: string | undefined },
): Container {
  const proxyConfig = proxyConfigOf(config, subject.metadata);
  const isHolding = proxyConfig['holdApplicationUntilProxyStarts'] === true;
  const environment = proxyEnvironment(subject, spec, config, 'sidecar');
  const probers = options.probers;
  return {
    ...commonParts(subject, config, 'sidecar'),
    env: [...environment, ...(probers ? [{ name: 'ISTIO_KUBE_APP_PROBERS', value: probers }] : [])],
    resources: proxyResources(subject),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsGroup: 1337,
      runAsNonRoot: true,
      runAsUser: 1337,
    },
    startupProbe: {
      failureThreshold: 600,
      httpGet: { path: '/healthz/ready', port: 15021 },
      periodSeconds: 1,
      timeoutSeconds: 3,
    },
    ...(options.isNative && { restartPolicy: 'Always', lifecycle: { preStop: command(DRAIN) } }),
    ...(!options.isNative && isHolding && { lifecycle: { postStart: command(WAIT) } }),
    volumeMounts: [...proxyMounts(true), ...userMounts(subject)],
  };
}

/** The container of a gateway pod that asks for `inject.istio.io/templates: gateway`. */
export function gatewayContainer(
  subject: InjectionSubject,
  spec: PodSpec,
  config: InjectionConfig,
): Container {
  return {
    ...commonParts(subject, config, 'router'),
    env: proxyEnvironment(subject, spec, config, 'router'),
    securityContext: { runAsGroup: 1337, runAsUser: 1337 },
    volumeMounts: proxyMounts(false),
  };
}

const DRAIN = ['pilot-agent', 'request', '--debug-port=15020', 'POST', 'drain'];
const WAIT = ['pilot-agent', 'wait'];

function command(words: readonly string[]): { exec: { command: readonly string[] } } {
  return { exec: { command: words } };
}

function commonParts(
  subject: InjectionSubject,
  config: InjectionConfig,
  role: 'sidecar' | 'router',
): Pick<Container, 'name' | 'image' | 'args' | 'ports' | 'readinessProbe'> {
  const logLevel = annotated(subject, 'sidecar.istio.io/logLevel', 'warning');
  const componentLevel = annotated(subject, 'sidecar.istio.io/componentLogLevel', 'misc:error');
  return {
    name: PROXY_CONTAINER,
    image: proxyImage(subject, config),
    args: [
      'proxy',
      role,
      '--domain',
      '$(POD_NAMESPACE).svc.cluster.local',
      `--proxyLogLevel=${logLevel}`,
      `--proxyComponentLogLevel=${componentLevel}`,
      '--log_output_level=default:info',
    ],
    ports: [{ containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP' }],
    readinessProbe: {
      failureThreshold: 4,
      httpGet: { path: '/healthz/ready', port: 15021 },
      periodSeconds: 15,
      timeoutSeconds: 3,
    },
  };
}

/** pilot-agent's environment, in the order of the template. */
function proxyEnvironment(
  subject: InjectionSubject,
  spec: PodSpec,
  config: InjectionConfig,
  role: 'sidecar' | 'router',
): EnvVar[] {
  const proxyConfig = proxyConfigOf(config, subject.metadata);
  const applications: EnvVar =
    role === 'sidecar'
      ? { name: 'ISTIO_META_APP_CONTAINERS', value: applicationContainers(spec).join(',') }
      : { name: 'ISTIO_META_APP_CONTAINERS' };
  const metadata = Object.entries((proxyConfig['proxyMetadata'] ?? {}) as Record<string, unknown>);
  return [
    { name: 'PILOT_CERT_PROVIDER', value: 'istiod' },
    { name: 'CA_ADDR', value: 'istiod.istio-system.svc:15012' },
    field('POD_NAME', 'metadata.name'),
    field('POD_NAMESPACE', 'metadata.namespace'),
    field('INSTANCE_IP', 'status.podIP'),
    field('SERVICE_ACCOUNT', 'spec.serviceAccountName'),
    field('HOST_IP', 'status.hostIP'),
    resource('ISTIO_CPU_LIMIT', 'limits.cpu'),
    { name: 'PROXY_CONFIG', value: `${JSON.stringify(proxyConfig)}\n` },
    { name: 'ISTIO_META_POD_PORTS', value: podPorts(spec) },
    ...(role === 'sidecar' ? [applications] : []),
    resource('GOMEMLIMIT', 'limits.memory'),
    resource('GOMAXPROCS', 'limits.cpu'),
    ...(role === 'router' ? [applications] : []),
    { name: 'ISTIO_META_CLUSTER_ID', value: config.clusterId },
    field('ISTIO_META_NODE_NAME', 'spec.nodeName'),
    {
      name: 'ISTIO_META_INTERCEPTION_MODE',
      value: annotated(subject, 'sidecar.istio.io/interceptionMode', 'REDIRECT'),
    },
    { name: 'ISTIO_META_WORKLOAD_NAME', value: subject.workload.name },
    { name: 'ISTIO_META_OWNER', value: ownerUri(subject) },
    { name: 'ISTIO_META_MESH_ID', value: config.meshId },
    { name: 'TRUST_DOMAIN', value: config.trustDomain },
    ...metadata.map(([name, value]) => ({ name, value: String(value) })),
  ];
}

function field(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}

function resource(name: string, resourceName: string): EnvVar {
  return { name, valueFrom: { resourceFieldRef: { divisor: '1', resource: resourceName } } };
}

/** "kubernetes://apis/apps/v1/namespaces/default/deployments/web". */
function ownerUri({ namespace, workload }: InjectionSubject): string {
  const { apiVersion, kind, name } = workload;
  const plural = `${kind.toLowerCase()}s`;
  return `kubernetes://apis/${apiVersion}/namespaces/${namespace || 'default'}/${plural}/${name}`;
}

function applicationContainers(spec: PodSpec): string[] {
  return spec.containers.map(({ name }) => name).filter((name) => name !== PROXY_CONTAINER);
}

/** The declared ports as the template's loop prints them: one JSON object a line. */
function podPorts(spec: PodSpec): string {
  const ports = spec.containers.flatMap((container) => container.ports ?? []);
  const lines = ports.map(({ name, hostPort, containerPort, protocol }, at) => {
    const port = { name, hostPort, containerPort, protocol };
    return `    ${at > 0 ? ',' : ''}${JSON.stringify(port)}`;
  });
  return ['[', ...lines, ']'].join('\n');
}

function proxyMounts(withRevocationList: boolean): VolumeMount[] {
  const secrets = '/var/run/secrets';
  return [
    { mountPath: `${secrets}/workload-spiffe-uds`, name: 'workload-socket' },
    { mountPath: `${secrets}/credential-uds`, name: 'credential-socket' },
    { mountPath: `${secrets}/workload-spiffe-credentials`, name: 'workload-certs' },
    { mountPath: `${secrets}/istio`, name: 'istiod-ca-cert' },
    ...(withRevocationList ? [{ mountPath: `${secrets}/istio/crl`, name: 'istio-ca-crl' }] : []),
    { mountPath: '/var/lib/istio/data', name: 'istio-data' },
    { mountPath: '/etc/istio/proxy', name: 'istio-envoy' },
    { mountPath: `${secrets}/tokens`, name: 'istio-token' },
    { mountPath: '/etc/istio/pod', name: 'istio-podinfo' },
  ];
}

function userMounts(subject: InjectionSubject): VolumeMount[] {
  return Object.entries(jsonAnnotation(subject, 'sidecar.istio.io/userVolumeMount')).map(
    ([name, mount]) => ({ ...(mount as Omit<VolumeMount, 'name'>), name }),
  );
}

/** An annotation that holds a JSON object, keys sorted; empty when absent or broken. */
export function jsonAnnotation(
  subject: InjectionSubject,
  key: string,
): Readonly<Record<string, unknown>> {
  const text = subject.metadata.annotations?.[key];
  if (text === undefined) return {};
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
