/** Models what faults can reach of this mesh. */
import type { FaultPod, FaultWorld } from '../faults/world.ts';
import type { ApiServer } from '../kube/api-server.ts';
import type { Deployment } from '../kube/objects/workload.ts';
import type { Network } from '../sim/network/network.ts';
import type { ControlPlanes } from './control-planes.ts';
import type { PodRuntime } from './pod/pod-runtime.ts';
import { workloadOf } from './pod/proxy-identity.ts';
import type { PodSandbox } from './pod/sandbox.ts';

export interface FaultSurroundings {
  readonly network: Network;
  readonly api: ApiServer;
  readonly runtime: PodRuntime;
  readonly controlPlanes: ControlPlanes;
}

const ISTIOD = ['Deployment', 'istio-system', 'istiod'] as const;
const OUTSIDE_IP = '192.0.2.1';

export function faultWorld({
  network,
  api,
  runtime,
  controlPlanes,
}: FaultSurroundings): FaultWorld {
  /** How many istiods there were before they were lost. */
  let replicas = 1;
  const sandboxes = () => [...runtime.sandboxes.values()];
  return {
    network,
    pods: () => sandboxes().map(faultPod),
    get zones() {
      return [...new Set(sandboxes().map(({ facts }) => facts.zone))].filter(Boolean).sort();
    },
    machine: (name) => {
      if (name === 'external') return network.namespaceAt(OUTSIDE_IP);
      return sandboxes().find(({ facts }) => facts.labels['app'] === name)?.network;
    },
    killPod(id) {
      const sandbox = runtime.sandboxes.get(id);
      if (!sandbox) return;
      const { name, namespace } = sandbox.facts;
      api.delete('Pod', namespace, name, { gracePeriodSeconds: 0 });
    },
    get istiodRuns() {
      return controlPlanes.isRunning;
    },
    stopIstiod() {
      replicas = api.get<Deployment>(...ISTIOD)?.spec.replicas || 1;
      api.patch(...ISTIOD, { spec: { replicas: 0 } });
    },
    startIstiod() {
      api.patch(...ISTIOD, { spec: { replicas } });
    },
  };
}

function faultPod({ id, pod, facts, network, impairment }: PodSandbox): FaultPod {
  return {
    id,
    workload: `${workloadOf(pod)}.${facts.namespace}`,
    network,
    health: impairment,
  };
}
