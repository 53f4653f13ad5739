/**
 * How a VirtualService compares a string; `{}` asks only that it is present.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#StringMatch
 */
export interface StringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  /** RE2, whole match. */
  readonly regex?: string;
}
