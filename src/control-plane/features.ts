/**
 * Models istiod's feature flags: environment variables that change what it generates.
 *
 * Spec: istio pilot/pkg/features. Simplified: those that something here asks for.
 */
export interface Features {
  /** ENABLE_TLS_ON_SIDECAR_INGRESS */
  readonly tlsOnSidecarIngress: boolean;
  /** PILOT_ENABLE_IP_AUTOALLOCATE */
  readonly ipAutoallocate: boolean;
}

export const DEFAULT_FEATURES: Features = { tlsOnSidecarIngress: false, ipAutoallocate: true };

/** The flags as an environment spells them. */
export function featuresFrom(env: Readonly<Record<string, unknown>> | undefined): Features {
  const flag = (name: string, fallback: boolean) =>
    env?.[name] === undefined ? fallback : String(env[name]) === 'true';
  return {
    tlsOnSidecarIngress: flag(
      'ENABLE_TLS_ON_SIDECAR_INGRESS',
      DEFAULT_FEATURES.tlsOnSidecarIngress,
    ),
    ipAutoallocate: flag('PILOT_ENABLE_IP_AUTOALLOCATE', DEFAULT_FEATURES.ipAutoallocate),
  };
}
