/** The smallest mesh worth measuring: a client, a server, mTLS, a route, an authorization policy. */
import type { LoadSource, Scene } from '../../protocol/scene.ts';

const MANIFESTS = `apiVersion: v1
kind: Namespace
metadata:
  name: bench
  labels:
    istio-injection: enabled
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
data:
  mesh: |
    defaultProviders:
      metrics:
      - prometheus
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: client
  namespace: bench
spec:
  selector:
    matchLabels: {app: client}
  template:
    metadata:
      labels: {app: client, version: v1}
    spec:
      containers:
      - name: curl
        image: curlimages/curl
        command: [sleep, infinity]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: server
  namespace: bench
spec:
  replicas: 2
  selector:
    matchLabels: {app: server}
  template:
    metadata:
      labels: {app: server, version: v1}
    spec:
      containers:
      - name: fortio
        image: fortio/fortio
        args: [server]
        ports:
        - containerPort: 8080
---
apiVersion: v1
kind: Service
metadata:
  name: server
  namespace: bench
spec:
  selector: {app: server}
  ports:
  - name: http
    port: 8080
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: bench
spec:
  mtls: {mode: STRICT}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: server
  namespace: bench
spec:
  selector:
    matchLabels: {app: server}
  rules:
  - from:
    - source: {principals: [cluster.local/ns/bench/sa/default]}
    to:
    - operation: {methods: [GET], paths: [/*]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: server
  namespace: bench
spec:
  hosts: [server]
  http:
  - match:
    - headers:
        x-user: {exact: tester}
    route:
    - destination: {host: server}
  - route:
    - destination: {host: server}
`;

/** The pair under closed-loop load of `users`, or open load of `ratePerSecond`. */
export function pairScene(model: LoadSource['model']): Scene {
  const words = { 'hi-Latn': 'bench', en: 'bench' };
  return {
    id: 'bench-pair',
    title: words,
    lead: words,
    seed: 1,
    platform: [{ path: 'pair.yaml', text: MANIFESTS }],
    files: [],
    load: [{ id: 'load', from: 'client.bench', url: 'http://server:8080/echo', model }],
    events: [],
  };
}
