/**
 * PeerAuthentication: whether a workload takes plaintext, mutual TLS or both.
 * Spec: https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
import type { IstioObject } from './istio-object.ts';
import type { WorkloadSelector } from './selector.ts';

export type PeerAuthentication = IstioObject<PeerAuthenticationSpec>;

export type MutualTlsMode = 'UNSET' | 'DISABLE' | 'PERMISSIVE' | 'STRICT';

export interface PeerAuthenticationSpec {
  readonly selector?: WorkloadSelector;
  readonly mtls?: { readonly mode?: MutualTlsMode };
  /** workload port → mode. */
  readonly portLevelMtls?: Readonly<Record<string, { readonly mode?: MutualTlsMode }>>;
}
