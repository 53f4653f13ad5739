/**
 * Models admission: webhooks that may change or refuse an object before it is stored.
 *
 * Spec: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 */
import type { ApiError } from './api-error.ts';
import type { KubeObject } from '../objects/metadata.ts';

export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly kindId: string;
  readonly object: KubeObject;
  readonly old?: KubeObject;
  /** Who asks for nothing to be stored: `--dry-run=server`. */
  readonly dryRun: boolean;
}

export interface AdmissionReview {
  /** The changed object of a mutating webhook; absent: unchanged. */
  readonly object?: KubeObject;
  /** Why it is refused. */
  readonly denied?: string;
  /** Why the webhook could not be asked, e.g. `no endpoints available for service "istiod"`. */
  readonly unreachable?: string;
  readonly warnings?: readonly string[];
}

export interface AdmissionWebhook {
  /** "validation.istio.io", "namespace.sidecar-injector.istio.io". */
  readonly name: string;
  /** Where the API server would post; appears in its words when nobody answers there. */
  readonly url: string;
  readonly failurePolicy: 'Fail' | 'Ignore';
  /** Kinds it is asked about, by KindDefinition.id. */
  readonly kinds: ReadonlySet<string>;
  review(request: AdmissionRequest): AdmissionReview;
}

export interface Admitted {
  readonly object: KubeObject;
  readonly warnings: readonly string[];
  readonly error?: ApiError;
}

/** Asks the webhooks in turn; the first refusal decides. */
export function admit(webhooks: readonly AdmissionWebhook[], request: AdmissionRequest): Admitted {
  let object = request.object;
  const warnings: string[] = [];
  for (const webhook of webhooks) {
    if (!webhook.kinds.has(request.kindId)) continue;
    const review = webhook.review({ ...request, object });
    if (review.warnings) warnings.push(...review.warnings);
    if (review.unreachable !== undefined && webhook.failurePolicy === 'Fail')
      return { object, warnings, error: unreachable(webhook, review.unreachable) };
    if (review.denied !== undefined)
      return { object, warnings, error: denied(webhook, review.denied) };
    object = review.object ?? object;
  }
  return { object, warnings };
}

function denied(webhook: AdmissionWebhook, why: string): ApiError {
  const message = `admission webhook "${webhook.name}" denied the request: ${why}`;
  return { reason: 'BadRequest', code: 400, message };
}

function unreachable(webhook: AdmissionWebhook, why: string): ApiError {
  const call = `failed calling webhook "${webhook.name}": failed to call webhook`;
  return {
    reason: 'InternalError',
    code: 500,
    message: `Internal error occurred: ${call}: Post "${webhook.url}": ${why}`,
  };
}
