/**
 * Which workloads or gateways an object is about.
 * Spec: https://istio.io/latest/docs/reference/config/type/workload-selector/
 */

/** The spelling of networking.istio.io (Sidecar, EnvoyFilter, ServiceEntry). */
export interface NetworkingWorkloadSelector {
  readonly labels?: Readonly<Record<string, string>>;
}

/** The spelling of the other groups. */
export interface WorkloadSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}

/** A Gateway API Gateway, GatewayClass, Service or ServiceEntry the policy is attached to. */
export interface PolicyTargetReference {
  readonly group?: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}
