/** A small state of the world for the builders' tests: YAML in, what a proxy gets out. */
import type { ProxyNode } from '../../src/control-plane/discovery/proxy-node.ts';
import { generateEverything, type ProxyAnswer } from '../../src/control-plane/generate.ts';
import { buildPushContext, type PushContext } from '../../src/control-plane/push/push-context.ts';
import type { MeshConfig } from '../../src/istio/kinds/mesh-config.ts';
import { objectOf, readDocuments } from '../../src/kube/yaml/documents.ts';

/** Two services, a and b, of one pod each; b listens on 8080 behind its port 80. */
const CLUSTER = ['a', 'b']
  .map(
    (name, index) => `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default, creationTimestamp: '2025-12-01T00:00:00Z'}
spec:
  clusterIP: 10.96.0.${index + 1}
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Pod
metadata:
  name: ${name}-1
  namespace: default
  labels: {app: ${name}, version: v1, security.istio.io/tlsMode: istio}
spec: {serviceAccountName: ${name}, containers: [{name: app}]}
status: {podIP: 10.1.0.${index + 1}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, namespace: default, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
endpoints:
- addresses: [10.1.0.${index + 1}]
  targetRef: {kind: Pod, name: ${name}-1, namespace: default}
ports: [{name: http, port: 8080}]
`,
  )
  .join('---');

export function world(config: string, meshConfig?: MeshConfig): PushContext {
  const documents = [...readDocuments(CLUSTER), ...readDocuments(config)];
  const objects = documents.flatMap((document) => {
    const object = objectOf(document);
    if (!object) return [];
    const namespace = object.metadata.namespace ?? 'default';
    return [{ ...object, metadata: { ...object.metadata, namespace } }];
  });
  return buildPushContext({ objects, ...(meshConfig && { meshConfig }) });
}

export function sidecarOf(name: 'a' | 'b'): ProxyNode {
  return {
    id: `${name}-1.default`,
    type: 'sidecar',
    ips: [`10.1.0.${name === 'a' ? 1 : 2}`],
    namespace: 'default',
    dnsDomain: 'default.svc.cluster.local',
    labels: { app: name, version: 'v1' },
    serviceAccount: name,
    locality: { region: 'r', zone: 'z', subZone: '' },
    nodeName: '',
    clusterId: 'Kubernetes',
    metadata: {},
  };
}

/** What the sidecar of a (or b) is sent. */
export function sent(config: string, name: 'a' | 'b' = 'a', meshConfig?: MeshConfig): ProxyAnswer {
  return generateEverything(sidecarOf(name), world(config, meshConfig));
}
