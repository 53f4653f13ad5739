/** Models workload identities. Spec: SPIFFE ID; Istio: spiffe://DOMAIN/ns/NAMESPACE/sa/ACCOUNT. */

export interface WorkloadIdentity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

export function spiffeId({ trustDomain, namespace, serviceAccount }: WorkloadIdentity): string {
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

const ISTIO_FORM = /^spiffe:\/\/([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/;

/** Undefined when the text is no SPIFFE id of Istio's form. */
export function parseSpiffeId(text: string): WorkloadIdentity | undefined {
  const match = ISTIO_FORM.exec(text);
  if (!match) return undefined;
  const [, trustDomain = '', namespace = '', serviceAccount = ''] = match;
  return { trustDomain, namespace, serviceAccount };
}
