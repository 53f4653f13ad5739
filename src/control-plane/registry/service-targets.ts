/**
 * Models which ports of which services a proxy's workload serves.
 *
 * Spec: istio pilot/pkg/serviceregistry/kube/controller/controller.go, GetProxyServiceTargets.
 */
import type { Pod } from '../../kube/objects/pod.ts';
import type { IntOrString } from '../../kube/objects/metadata.ts';
import { compare, selects } from '../config.ts';
import type { ProxyNode } from '../discovery/proxy-node.ts';
import type { KubeIndex } from './kube-index.ts';
import type { Registry } from './registry.ts';
import { servicePort, type Service, type ServiceTarget } from './service.ts';

/** Oldest service first. */
export function serviceTargets(
  node: ProxyNode,
  registry: Registry,
  kube: KubeIndex,
): ServiceTarget[] {
  const pod = kube.pod(node.id.split('.')[0] ?? '', node.namespace);
  const labels = pod?.metadata.labels ?? node.labels;
  const targets: ServiceTarget[] = [];
  for (const service of registry.services) {
    if (service.registry === 'Kubernetes') {
      const hasSelector = service.selector && Object.keys(service.selector).length > 0;
      if (!hasSelector || service.namespace !== node.namespace) continue;
      if (selects(service.selector, labels)) targets.push(...selected(service, kube, pod));
    } else targets.push(...listed(service, registry, node));
  }
  return targets.sort(
    (a, b) =>
      compare(a.service.creationTimestamp, b.service.creationTimestamp) ||
      compare(a.service.host, b.service.host),
  );
}

function selected(service: Service, kube: KubeIndex, pod: Pod | undefined): ServiceTarget[] {
  const declared = kube.services.find(
    ({ metadata }) => metadata.name === service.name && metadata.namespace === service.namespace,
  );
  return (declared?.spec.ports ?? []).flatMap((port) => {
    const own = servicePort(service, port.port);
    const targetPort = containerPort(port.targetPort ?? 0, pod);
    return own && targetPort !== undefined ? [{ service, port: own, targetPort }] : [];
  });
}

/** Endpoints of ServiceEntries with the proxy's address. */
function listed(service: Service, registry: Registry, node: ProxyNode): ServiceTarget[] {
  return registry
    .endpoints(service)
    .filter((endpoint) => node.ips.includes(endpoint.address))
    .flatMap((endpoint) => {
      const port = service.ports.find((it) => it.name === endpoint.servicePortName);
      return port ? [{ service, port, targetPort: endpoint.port }] : [];
    });
}

/** A named target port is looked up among the pod's containers. */
function containerPort(target: IntOrString, pod: Pod | undefined): number | undefined {
  if (typeof target === 'number') return target;
  const containers = [
    ...(pod?.spec.containers ?? []),
    ...(pod?.spec.initContainers ?? []).filter((it) => it.restartPolicy === 'Always'),
  ];
  for (const { ports } of containers)
    for (const { name, containerPort } of ports ?? []) if (name === target) return containerPort;
  return undefined;
}
