/**
 * Models istiod's two webhooks as the API server sees them: the injector and the validator. Both
 * need a running istiod.
 */
import { validateDocument } from '../istio/document.ts';
import { SERVED_KINDS } from '../istio/kinds/kinds.ts';
import type { AdmissionWebhook } from '../kube/api/admission.ts';
import type { ApiServer } from '../kube/api-server.ts';
import { DEFAULT_INJECTION } from '../kube/injection/injection-config.ts';
import { injectorWebhook } from '../kube/injection/injector-webhook.ts';
import type { KubeObject } from '../kube/objects/metadata.ts';
import type { YamlDocument } from '../kube/yaml/documents.ts';

const NOBODY = 'no endpoints available for service "istiod"';

/** Registers both; `isIstiodReachable` is asked at each review. */
export function registerWebhooks(api: ApiServer, isIstiodReachable: () => boolean): void {
  const unreachable = () => (isIstiodReachable() ? undefined : NOBODY);
  api.addMutatingWebhook(injectorWebhook(api, { config: () => DEFAULT_INJECTION, unreachable }));
  api.addValidatingWebhook(validator(unreachable));
}

function validator(unreachable: () => string | undefined): AdmissionWebhook {
  return {
    name: 'rev.validation.istio.io',
    url: 'https://istiod.istio-system.svc:443/validate?timeout=10s',
    failurePolicy: 'Fail',
    kinds: new Set(SERVED_KINDS.map(({ kind }) => kind)),
    review({ operation, object }) {
      if (operation === 'DELETE') return {};
      const reason = unreachable();
      if (reason !== undefined) return { unreachable: reason };
      const { errors, warnings } = validateDocument(withoutText(object));
      return errors.length === 0 ? { warnings } : { denied: errors.join('; '), warnings };
    },
  };
}

const NOWHERE = { line: 1, column: 1, endLine: 1, endColumn: 1 };

/** An object that came from no text (a patch, a controller) as a document without positions. */
function withoutText(object: KubeObject): YamlDocument {
  return {
    index: 0,
    path: '',
    text: '',
    value: object,
    diagnostics: [],
    rangeOf: () => NOWHERE,
    keyRangeOf: () => NOWHERE,
  };
}
