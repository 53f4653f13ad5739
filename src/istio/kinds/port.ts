/**
 * A port of a Gateway server, Sidecar listener or ServiceEntry.
 * Spec: https://istio.io/latest/docs/reference/config/networking/gateway/#Port
 */
export interface Port {
  readonly number: number;
  readonly protocol: string;
  readonly name: string;
  readonly targetPort?: number;
}

/** Sidecar's ports may leave any part out. */
export type SidecarPort = Partial<Port>;

export interface ServicePort {
  readonly number: number;
  readonly protocol?: string;
  readonly name: string;
  readonly targetPort?: number;
}
