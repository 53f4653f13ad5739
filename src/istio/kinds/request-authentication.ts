/**
 * RequestAuthentication: which JWTs a workload accepts.
 * Spec: https://istio.io/latest/docs/reference/config/security/request_authentication/
 */
import type { DurationString } from './duration.ts';
import type { IstioObject } from './istio-object.ts';
import type { PolicyTargetReference, WorkloadSelector } from './selector.ts';

export type RequestAuthentication = IstioObject<RequestAuthenticationSpec>;

export interface RequestAuthenticationSpec {
  readonly selector?: WorkloadSelector;
  readonly targetRef?: PolicyTargetReference;
  readonly targetRefs?: readonly PolicyTargetReference[];
  readonly jwtRules?: readonly JwtRule[];
}

export interface JwtRule {
  readonly issuer?: string;
  readonly audiences?: readonly string[];
  readonly jwksUri?: string;
  /** The API takes both spellings. */
  readonly jwks_uri?: string;
  readonly jwks?: string;
  readonly fromHeaders?: readonly { readonly name: string; readonly prefix?: string }[];
  readonly fromParams?: readonly string[];
  readonly fromCookies?: readonly string[];
  readonly outputPayloadToHeader?: string;
  readonly outputClaimToHeaders?: readonly { readonly header: string; readonly claim: string }[];
  readonly forwardOriginalToken?: boolean;
  readonly timeout?: DurationString;
  readonly spaceDelimitedClaims?: readonly string[];
}
