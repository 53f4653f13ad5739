/**
 * Models the values the API server fills in where a manifest is silent.
 *
 * Spec: k8s.io/kubernetes/pkg/apis/{core,apps,batch}/v1/defaults.go
 * Simplified: those that something here, or a person reading `-o yaml`, would miss.
 */
import { without } from './merge.ts';
import type { KubeObject } from '../objects/metadata.ts';
import type { Container, Pod, PodSpec, PodTemplateSpec, Probe } from '../objects/pod.ts';
import type { Service, ServicePort } from '../objects/service.ts';
import type { Deployment, Job, ReplicaSet, StatefulSet } from '../objects/workload.ts';

/** The object with defaults; the same object when there is nothing to fill in. */
export function withDefaults(kindId: string, object: KubeObject): KubeObject {
  switch (kindId) {
    case 'Pod':
      return { ...object, spec: podSpecDefaults((object as Pod).spec, 'Always') };
    case 'Service':
      return serviceDefaults(object as Service);
    case 'Deployment':
      return deploymentDefaults(object as Deployment);
    case 'ReplicaSet':
    case 'DaemonSet':
    case 'StatefulSet':
      return templateDefaults(object as ReplicaSet | StatefulSet, kindId !== 'DaemonSet');
    case 'Job':
      return jobDefaults(object as Job);
    case 'Namespace':
      return namespaceDefaults(object);
    default:
      return object;
  }
}

function podSpecDefaults(spec: PodSpec, restartPolicy: string): PodSpec {
  const account = spec.serviceAccountName ?? spec.serviceAccount ?? 'default';
  return {
    restartPolicy,
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    ...spec,
    serviceAccountName: account,
    ...(spec.initContainers && { initContainers: spec.initContainers.map(containerDefaults) }),
    containers: spec.containers.map(containerDefaults),
  };
}

function containerDefaults(container: Container): Container {
  const { image = '', ports, livenessProbe, readinessProbe, startupProbe } = container;
  const latest = !/:[^/]+$/.test(image) || image.endsWith(':latest');
  return {
    imagePullPolicy: latest ? 'Always' : 'IfNotPresent',
    ...container,
    ...(ports && { ports: ports.map((port) => ({ protocol: 'TCP', ...port })) }),
    ...(livenessProbe && { livenessProbe: probeDefaults(livenessProbe) }),
    ...(readinessProbe && { readinessProbe: probeDefaults(readinessProbe) }),
    ...(startupProbe && { startupProbe: probeDefaults(startupProbe) }),
  };
}

function probeDefaults(probe: Probe): Probe {
  const { httpGet } = probe;
  return {
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...probe,
    ...(httpGet && { httpGet: { path: '/', scheme: 'HTTP', ...httpGet } }),
  };
}

function podTemplateDefaults(template: PodTemplateSpec, restartPolicy: string): PodTemplateSpec {
  const { serviceAccountName, serviceAccount } = template.spec;
  const spec = without(podSpecDefaults(template.spec, restartPolicy), 'serviceAccountName');
  const account = serviceAccountName ?? serviceAccount;
  return { ...template, spec: { ...spec, ...(account && { serviceAccountName: account }) } };
}

function serviceDefaults(service: Service): Service {
  const { spec } = service;
  if (spec.type === 'ExternalName') return service;
  const ports = spec.ports?.map((port): ServicePort => {
    const headless = spec.clusterIP === 'None' && !spec.selector;
    return { protocol: 'TCP', ...(!headless && { targetPort: port.port }), ...port };
  });
  return {
    ...service,
    spec: {
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ...spec,
      ...(ports && { ports }),
    },
  };
}

function deploymentDefaults(deployment: Deployment): Deployment {
  const { spec } = deployment;
  const type = spec.strategy?.type ?? 'RollingUpdate';
  const rollingUpdate = { maxSurge: '25%', maxUnavailable: '25%', ...spec.strategy?.rollingUpdate };
  return {
    ...deployment,
    spec: {
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
      strategy: type === 'Recreate' ? { type } : { type, rollingUpdate },
      template: podTemplateDefaults(spec.template, 'Always'),
    },
  };
}

function templateDefaults<T extends ReplicaSet | StatefulSet>(object: T, scaled: boolean): T {
  const template = podTemplateDefaults(object.spec.template, 'Always');
  return { ...object, spec: { ...(scaled && { replicas: 1 }), ...object.spec, template } };
}

function jobDefaults(job: Job): Job {
  const template = podTemplateDefaults(job.spec.template, 'Always');
  return {
    ...job,
    spec: { completions: 1, parallelism: 1, backoffLimit: 6, ...job.spec, template },
  };
}

/** Every namespace carries its own name as a label. */
function namespaceDefaults(namespace: KubeObject): KubeObject {
  const { name, labels } = namespace.metadata;
  return {
    ...namespace,
    metadata: { ...namespace.metadata, labels: { ...labels, 'kubernetes.io/metadata.name': name } },
    status: { phase: 'Active' },
  };
}
