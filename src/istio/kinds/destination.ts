/**
 * Where traffic is sent: a host of the registry, a subset of it, a port.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination
 */
export interface Destination {
  readonly host: string;
  readonly subset?: string;
  readonly port?: PortSelector;
}

export interface PortSelector {
  readonly number?: number;
}

/** 0 to 100, fractions allowed. */
export interface Percent {
  readonly value?: number;
}
