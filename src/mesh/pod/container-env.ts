/** Models how a container's environment is filled: values, the downward API, ConfigMaps, Secrets. */
import type { ApiServer } from '../../kube/api-server.ts';
import type { Secret } from '../../kube/objects/cluster.ts';
import type { Container, EnvVar } from '../../kube/objects/pod.ts';
import type { PodFacts } from '../../workloads/application.ts';

/** Names → values; references to earlier variables ("$(NAME)") are filled in. */
export function environmentOf(
  container: Container,
  pod: PodFacts,
  api: ApiServer,
): Map<string, string> {
  const values = new Map<string, string>();
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = configMapRef
      ? api.get('ConfigMap', pod.namespace, configMapRef.name)?.data
      : secretRef && secretData(api.get<Secret>('Secret', pod.namespace, secretRef.name));
    for (const [key, value] of Object.entries(data ?? {})) values.set(prefix + key, value);
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(variable, pod, api);
    if (value !== undefined) values.set(variable.name, expand(value, values));
  }
  return values;
}

/** "$(NAME)" → its value; an unknown name stays as it is, "$$" is a dollar. */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g, (whole, name?: string) =>
    name === undefined ? '$' : (values.get(name) ?? whole),
  );
}

function valueOf({ value, valueFrom }: EnvVar, pod: PodFacts, api: ApiServer): string | undefined {
  if (!valueFrom) return value ?? '';
  const { fieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef) return downward(fieldRef.fieldPath, pod);
  if (configMapKeyRef)
    return api.get('ConfigMap', pod.namespace, configMapKeyRef.name)?.data?.[configMapKeyRef.key];
  if (secretKeyRef) {
    const secret = api.get<Secret>('Secret', pod.namespace, secretKeyRef.name);
    return secretData(secret)[secretKeyRef.key];
  }
  return undefined;
}

function secretData(secret: Secret | undefined): Readonly<Record<string, string>> {
  return { ...secret?.data, ...secret?.stringData };
}

function downward(path: string, pod: PodFacts): string | undefined {
  const label = /^metadata\.labels\['(.+)'\]$/.exec(path)?.[1];
  if (label !== undefined) return pod.labels[label] ?? '';
  switch (path) {
    case 'metadata.name':
      return pod.name;
    case 'metadata.namespace':
      return pod.namespace;
    case 'status.podIP':
      return pod.ip;
    case 'spec.nodeName':
      return pod.node;
    case 'spec.serviceAccountName':
      return pod.serviceAccount;
    default:
      return undefined;
  }
}
