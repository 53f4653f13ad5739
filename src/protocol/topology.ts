/** The mesh as the page draws it. Sent whole whenever it changes; never per request. */

export interface TopologyPod {
  /** "NAME.NS". */
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  /** Deployment or other owner; the pod's own name when it has none. */
  readonly workload: string;
  readonly version: string;
  readonly ip: string;
  readonly node: string;
  readonly zone: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Terminating';
  readonly ready: boolean;
  readonly role: 'application' | 'ingress-gateway' | 'egress-gateway' | 'istiod' | 'load-generator';
  /** False: nothing of the mesh in it. */
  readonly sidecar: boolean;
  readonly image: string;
  /** Indexes into a frame's point table, see `Topology.points`. */
  readonly appPoint: number;
  readonly sidecarPoint: number;
  /** What the sidecar holds against what istiod last sent. */
  readonly sync: 'synced' | 'stale' | 'not-sent' | 'nacked' | 'disconnected';
  /** Why it NACKed, in Envoy's words. */
  readonly nack?: string;
  /** Faults that strike this pod now. */
  readonly faults: readonly string[];
  /** Calling proxies that have ejected it, with the virtual time at which each ejection ends. */
  readonly ejectedBy: readonly { readonly pod: string; readonly untilUs: number }[];
}

export interface TopologyService {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly clusterIp: string;
  readonly ports: readonly { readonly name: string; readonly port: number }[];
  readonly pods: readonly string[];
}

export interface Topology {
  readonly revision: number;
  readonly namespaces: readonly { readonly name: string; readonly injected: boolean }[];
  readonly zones: readonly string[];
  readonly pods: readonly TopologyPod[];
  readonly services: readonly TopologyService[];
  /** Machines outside the cluster that take part ("external", ServiceEntry hosts). */
  readonly outside: readonly { readonly id: string; readonly point: number }[];
  /** Names of the points that moves refer to: "POD.NS/app", "POD.NS/sidecar", "istiod", "external". */
  readonly points: readonly string[];
}
