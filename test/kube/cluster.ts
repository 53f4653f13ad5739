/** A small cluster for tests: API server, controllers, kubelet, and a runtime that records. */
import { ApiServer, type ApiServerOptions } from '../../src/kube/api-server.ts';
import { startControllers } from '../../src/kube/controllers/controllers.ts';
import { Kubelet } from '../../src/kube/kubelet/kubelet.ts';
import { QUIET_RUNTIME, type ContainerRuntime } from '../../src/kube/kubelet/runtime.ts';
import { DEFAULT_TIMING, type KubeletTiming } from '../../src/kube/kubelet/timing.ts';
import type { KubeObject } from '../../src/kube/objects/metadata.ts';
import { objectOf, readDocuments } from '../../src/kube/yaml/documents.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { SECOND } from '../../src/sim/time.ts';

export interface Cluster {
  readonly simulation: Simulation;
  readonly api: ApiServer;
  readonly kubelet: Kubelet;
  /** Lets virtual time pass. */
  run(seconds: number): void;
  apply(yaml: string): KubeObject[];
}

export function startCluster(
  options: {
    readonly seed?: number;
    readonly runtime?: ContainerRuntime;
    readonly timing?: KubeletTiming;
    readonly api?: ApiServerOptions;
  } = {},
): Cluster {
  const simulation = new Simulation(options.seed ?? 1);
  const api = new ApiServer(simulation, options.api);
  startControllers(api);
  const runtime = (options.runtime ?? QUIET_RUNTIME) as ContainerRuntime;
  const kubelet = new Kubelet(api, runtime, { timing: options.timing ?? DEFAULT_TIMING });
  return {
    simulation,
    api,
    kubelet,
    run: (seconds) => void simulation.runUntil(simulation.now + seconds * SECOND),
    apply: (yaml) =>
      readDocuments(yaml).map((document) => {
        const result = api.apply(objectOf(document)!);
        if (!result.ok) throw new Error(result.error.message);
        return result.object;
      }),
  };
}

/** A Deployment of `replicas` pods labelled app=NAME, with a Service on port 80. */
export function webYaml(name: string, replicas: number, image = 'web:1', extra = ''): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - name: web
        image: ${image}
        ports: [{name: http, containerPort: 8080}]
${extra}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec:
  selector: {app: ${name}}
  ports: [{name: http, port: 80, targetPort: http}]
`;
}
