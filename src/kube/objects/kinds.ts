/**
 * Models what the API server calls its resources: groups, plurals, short names, scope.
 *
 * Spec: `kubectl api-resources` of Kubernetes 1.33 with Istio 1.30 and the Gateway API installed.
 * Simplified: a kind is stored in one version; other served versions are accepted as the same.
 */

export interface KindDefinition {
  /** How this kind is named in calls: its kind, or "Kind.group" where two groups share a kind. */
  readonly id: string;
  readonly kind: string;
  readonly group: string;
  /** Preferred version first. */
  readonly versions: readonly string[];
  readonly plural: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
}

const ISTIO_NETWORKING = ['v1', 'v1beta1', 'v1alpha3'];
const ISTIO_SECURITY = ['v1', 'v1beta1'];

function group(
  name: string,
  versions: readonly string[],
  rows: readonly (readonly [kind: string, plural: string, short?: string, scope?: 'cluster'])[],
): KindDefinition[] {
  return rows.map(([kind, plural, short, scope]) => ({
    id: kind,
    kind,
    group: name,
    versions,
    plural,
    shortNames: short ? short.split(',') : [],
    namespaced: scope !== 'cluster',
  }));
}

export const KINDS: readonly KindDefinition[] = [
  ...group(
    '',
    ['v1'],
    [
      ['Pod', 'pods', 'po'],
      ['Service', 'services', 'svc'],
      ['Namespace', 'namespaces', 'ns', 'cluster'],
      ['Node', 'nodes', 'no', 'cluster'],
      ['ServiceAccount', 'serviceaccounts', 'sa'],
      ['ConfigMap', 'configmaps', 'cm'],
      ['Secret', 'secrets'],
      ['Endpoints', 'endpoints', 'ep'],
      ['PersistentVolumeClaim', 'persistentvolumeclaims', 'pvc'],
      ['PersistentVolume', 'persistentvolumes', 'pv', 'cluster'],
      ['LimitRange', 'limitranges', 'limits'],
      ['ResourceQuota', 'resourcequotas', 'quota'],
    ],
  ),
  ...group(
    'apps',
    ['v1'],
    [
      ['Deployment', 'deployments', 'deploy'],
      ['ReplicaSet', 'replicasets', 'rs'],
      ['StatefulSet', 'statefulsets', 'sts'],
      ['DaemonSet', 'daemonsets', 'ds'],
    ],
  ),
  ...group(
    'batch',
    ['v1'],
    [
      ['Job', 'jobs'],
      ['CronJob', 'cronjobs', 'cj'],
    ],
  ),
  ...group('discovery.k8s.io', ['v1'], [['EndpointSlice', 'endpointslices']]),
  ...group(
    'networking.k8s.io',
    ['v1'],
    [
      ['Ingress', 'ingresses', 'ing'],
      ['IngressClass', 'ingressclasses', '', 'cluster'],
      ['NetworkPolicy', 'networkpolicies', 'netpol'],
    ],
  ),
  ...group('policy', ['v1'], [['PodDisruptionBudget', 'poddisruptionbudgets', 'pdb']]),
  ...group(
    'autoscaling',
    ['v2', 'v1'],
    [['HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'hpa']],
  ),
  ...group(
    'rbac.authorization.k8s.io',
    ['v1'],
    [
      ['Role', 'roles'],
      ['RoleBinding', 'rolebindings'],
      ['ClusterRole', 'clusterroles', '', 'cluster'],
      ['ClusterRoleBinding', 'clusterrolebindings', '', 'cluster'],
    ],
  ),
  ...group(
    'admissionregistration.k8s.io',
    ['v1'],
    [
      ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', '', 'cluster'],
      ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', '', 'cluster'],
    ],
  ),
  ...group(
    'apiextensions.k8s.io',
    ['v1'],
    [['CustomResourceDefinition', 'customresourcedefinitions', 'crd,crds', 'cluster']],
  ),
  ...group('networking.istio.io', ISTIO_NETWORKING, [
    ['VirtualService', 'virtualservices', 'vs'],
    ['DestinationRule', 'destinationrules', 'dr'],
    ['Gateway', 'gateways', 'gw'],
    ['ServiceEntry', 'serviceentries', 'se'],
    ['Sidecar', 'sidecars'],
    ['WorkloadEntry', 'workloadentries', 'we'],
    ['WorkloadGroup', 'workloadgroups', 'wg'],
  ]),
  ...group('networking.istio.io', ['v1alpha3'], [['EnvoyFilter', 'envoyfilters']]),
  ...group('networking.istio.io', ['v1beta1'], [['ProxyConfig', 'proxyconfigs']]),
  ...group('security.istio.io', ISTIO_SECURITY, [
    ['PeerAuthentication', 'peerauthentications', 'pa'],
    ['AuthorizationPolicy', 'authorizationpolicies', 'ap'],
    ['RequestAuthentication', 'requestauthentications', 'ra'],
  ]),
  ...group('telemetry.istio.io', ['v1', 'v1alpha1'], [['Telemetry', 'telemetries', 'telemetry']]),
  ...group('extensions.istio.io', ['v1alpha1'], [['WasmPlugin', 'wasmplugins']]),
  ...group(
    'gateway.networking.k8s.io',
    ['v1', 'v1beta1', 'v1alpha2'],
    [
      ['GatewayClass', 'gatewayclasses', 'gc', 'cluster'],
      ['HTTPRoute', 'httproutes'],
      ['GRPCRoute', 'grpcroutes'],
      ['ReferenceGrant', 'referencegrants', 'refgrant'],
      ['TCPRoute', 'tcproutes'],
      ['TLSRoute', 'tlsroutes'],
      ['BackendTLSPolicy', 'backendtlspolicies', 'btlspolicy'],
    ],
  ),
  {
    id: 'Gateway.gateway.networking.k8s.io',
    kind: 'Gateway',
    group: 'gateway.networking.k8s.io',
    versions: ['v1', 'v1beta1'],
    plural: 'gateways',
    shortNames: ['gtw'],
    namespaced: true,
  },
];

const BY_ID = new Map(KINDS.map((definition) => [definition.id, definition]));
const BY_GROUP_KIND = new Map(
  KINDS.map((definition) => [`${definition.group}/${definition.kind}`, definition]),
);

/** The definition of a kind named as in KindDefinition.id. */
export function kindById(id: string): KindDefinition | undefined {
  return BY_ID.get(id);
}

/** The definition of an object's kind; undefined where no such resource is served. */
export function kindOf(object: {
  readonly apiVersion: string;
  readonly kind: string;
}): KindDefinition | undefined {
  const { group: name, version } = splitApiVersion(object.apiVersion);
  const definition = BY_GROUP_KIND.get(`${name}/${object.kind}`);
  return definition?.versions.includes(version) ? definition : undefined;
}

/** "apps/v1" → apps, v1; "v1" → "", v1. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return { group: '', version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The apiVersion objects of this kind are stored with. */
export function apiVersionOf(definition: KindDefinition): string {
  const version = definition.versions[0]!;
  return definition.group ? `${definition.group}/${version}` : version;
}

/** "deployments.apps", "pods": how errors and kubectl's output name a resource. */
export function resourceName(definition: KindDefinition): string {
  return definition.group ? `${definition.plural}.${definition.group}` : definition.plural;
}

/**
 * The kind a person means by "po", "pods", "Pod", "deployments.apps" or "vs"; case does not matter.
 * Core kinds come before others of the same name, and Istio's Gateway before the Gateway API's, as
 * where the latter is not installed.
 */
export function kindByName(name: string): KindDefinition | undefined {
  const wanted = name.toLowerCase();
  return KINDS.find((definition) => namesOf(definition).includes(wanted));
}

function namesOf(definition: KindDefinition): string[] {
  const { kind, plural, group: name, versions, shortNames } = definition;
  const plain = [kind.toLowerCase(), plural];
  if (!name) return [...plain, ...shortNames];
  const qualified = plain.flatMap((word) => [
    `${word}.${name}`,
    ...versions.map((version) => `${word}.${version}.${name}`),
  ]);
  return [...plain, ...shortNames, ...qualified];
}
