/**
 * Models what `istioctl install` leaves in a cluster, as manifests: istiod and its mesh config.
 *
 * Spec: Istio 1.30.3, default profile. Simplified: RBAC objects, webhooks and autoscaling are left
 * out; the ingress gateway is part of the scenes that use one.
 */

/** Applied before a scene's own documents; a scene that brings its own istiod replaces these. */
export const ISTIOD_MANIFEST = `apiVersion: v1
kind: Namespace
metadata:
  name: istio-system
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: istiod
  namespace: istio-system
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
data:
  mesh: |
    accessLogFile: /dev/stdout
    defaultConfig:
      discoveryAddress: istiod.istio-system.svc:15012
    defaultProviders:
      metrics:
      - prometheus
    enablePrometheusMerge: true
    rootNamespace: istio-system
    trustDomain: cluster.local
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: istiod
  namespace: istio-system
  labels:
    app: istiod
    istio: pilot
    istio.io/rev: default
spec:
  replicas: 1
  selector:
    matchLabels:
      app: istiod
      istio: pilot
  template:
    metadata:
      labels:
        app: istiod
        istio: pilot
        istio.io/rev: default
        sidecar.istio.io/inject: "false"
    spec:
      serviceAccountName: istiod
      containers:
      - name: discovery
        image: docker.io/istio/pilot:1.30.3
        args:
        - discovery
        - --monitoringAddr=:15014
        - --domain
        - cluster.local
        - --keepaliveMaxServerConnectionAge
        - 30m
        ports:
        - containerPort: 8080
          name: http-debug
        - containerPort: 15010
          name: grpc-xds
        - containerPort: 15012
          name: tls-xds
        - containerPort: 15017
          name: https-webhooks
        - containerPort: 15014
          name: http-monitoring
        readinessProbe:
          httpGet:
            path: /ready
            port: 8080
          initialDelaySeconds: 1
          periodSeconds: 3
          timeoutSeconds: 5
        resources:
          requests:
            cpu: 500m
            memory: 2048Mi
---
apiVersion: v1
kind: Service
metadata:
  name: istiod
  namespace: istio-system
  labels:
    app: istiod
    istio: pilot
    istio.io/rev: default
spec:
  selector:
    app: istiod
    istio: pilot
  ports:
  - name: grpc-xds
    port: 15010
    protocol: TCP
  - name: https-dns
    port: 15012
    protocol: TCP
  - name: https-webhook
    port: 443
    targetPort: 15017
    protocol: TCP
  - name: http-monitoring
    port: 15014
    protocol: TCP
`;
