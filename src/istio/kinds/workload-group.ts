/**
 * WorkloadGroup: the template of workloads that register themselves.
 * Spec: https://istio.io/latest/docs/reference/config/networking/workload-group/
 */
import type { IstioObject } from './istio-object.ts';
import type { WorkloadEntrySpec } from './workload-entry.ts';

export type WorkloadGroup = IstioObject<WorkloadGroupSpec>;

export interface WorkloadGroupSpec {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly template: WorkloadEntrySpec;
  readonly probe?: ReadinessProbe;
}

export interface ReadinessProbe {
  readonly initialDelaySeconds?: number;
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
  readonly httpGet?: {
    readonly path?: string;
    readonly port: number;
    readonly host?: string;
    readonly scheme?: string;
    readonly httpHeaders?: readonly { readonly name?: string; readonly value?: string }[];
  };
  readonly tcpSocket?: { readonly host?: string; readonly port: number };
  readonly exec?: { readonly command: readonly string[] };
  readonly grpc?: { readonly port?: number; readonly service?: string };
}
