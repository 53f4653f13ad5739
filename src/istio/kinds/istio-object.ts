/**
 * One Istio object as `kubectl get -o json` prints it: Kubernetes' envelope around a spec.
 * Spec: https://istio.io/latest/docs/reference/config/
 */
export interface IstioObject<Spec> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: IstioMetadata;
  readonly spec: Spec;
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface IstioMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly uid?: string;
}
