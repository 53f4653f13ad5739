/** A payment system at its peak: three callers, one processor in two versions, no gateway. */
import type { LoadSource, Scene } from '../../protocol/scene.ts';

const CALLERS = ['checkout', 'wallet', 'merchant'];
const REQUESTS_PER_SECOND = 50_000;

const POLICIES = `apiVersion: v1
kind: Namespace
metadata:
  name: pay
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
apiVersion: v1
kind: Service
metadata:
  name: payment-processor
  namespace: pay
spec:
  selector:
    app: payment-processor
  ports:
  - name: http
    port: 8080
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: pay
spec:
  mtls: {mode: STRICT}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: payment-processor
  namespace: pay
spec:
  host: payment-processor
  trafficPolicy:
    outlierDetection: {consecutive5xxErrors: 5, interval: 1s, baseEjectionTime: 30s}
  subsets:
  - name: v1
    labels: {version: v1}
  - name: v2
    labels: {version: v2}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: payment-processor
  namespace: pay
spec:
  hosts: [payment-processor]
  http:
  - timeout: 2s
    retries: {attempts: 2, perTryTimeout: 500ms, retryOn: 5xx}
    route:
    - destination: {host: payment-processor, subset: v1}
      weight: 90
    - destination: {host: payment-processor, subset: v2}
      weight: 10
`;

function deployment(app: string, version: string, replicas: number, container: string): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${app}-${version}
  namespace: pay
spec:
  replicas: ${replicas}
  selector:
    matchLabels: {app: ${app}, version: ${version}}
  template:
    metadata:
      labels: {app: ${app}, version: ${version}}
    spec:
      containers:
      - ${container}
`;
}

const SERVER =
  '{name: fortio, image: fortio/fortio, args: [server], ports: [{containerPort: 8080}]}';
const CLIENT = '{name: curl, image: curlimages/curl, command: [sleep, infinity]}';

export function peakScene(): Scene {
  const words = { 'hi-Latn': 'bench', en: 'bench' };
  const text =
    POLICIES +
    deployment('payment-processor', 'v1', 8, SERVER) +
    deployment('payment-processor', 'v2', 2, SERVER) +
    CALLERS.map((caller) => deployment(caller, 'v1', 2, CLIENT)).join('');
  return {
    id: 'bench-peak',
    title: words,
    lead: words,
    seed: 1,
    platform: [{ path: 'peak.yaml', text }],
    files: [],
    load: CALLERS.map(loadOf),
    events: [],
  };
}

function loadOf(caller: string): LoadSource {
  return {
    id: caller,
    from: `${caller}-v1.pay`,
    url: 'http://payment-processor:8080/pay',
    model: {
      kind: 'open',
      ratePerSecond: REQUESTS_PER_SECOND / CALLERS.length,
      arrivals: 'poisson',
    },
  };
}
