/** Models redirects. Spec: istio pilot/pkg/networking/core/route/route.go, ApplyRedirect. */
import type { HttpRedirect } from '../../istio/kinds/http-route.ts';
import type { RedirectAction, RedirectResponseCode } from '../../xds/resources/route-action.ts';

const CODES: Readonly<Record<number, RedirectResponseCode>> = {
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
};
const PREFIX = '%PREFIX()%';

export function redirectAction(
  given: HttpRedirect,
  { listenPort, isTls }: { readonly listenPort: number; readonly isTls: boolean },
  gatewaySemantics: boolean,
): RedirectAction {
  const port = redirectPort(given, listenPort, isTls);
  const code = CODES[given.redirectCode ?? 301];
  const uri = given.uri ?? '';
  const path =
    gatewaySemantics && uri.startsWith(PREFIX)
      ? { prefix_rewrite: uri.slice(PREFIX.length) }
      : { path_redirect: uri };
  return {
    ...(given.authority && { host_redirect: given.authority }),
    ...path,
    ...(given.scheme && { scheme_redirect: given.scheme }),
    ...(port > 0 && { port_redirect: port }),
    ...(code && { response_code: code }),
  };
}

/** The port that a scheme means by itself is not written. */
function redirectPort(given: HttpRedirect, listenPort: number, isTls: boolean): number {
  const wanted = given.derivePort === 'FROM_REQUEST_PORT' ? listenPort : (given.port ?? 0);
  const scheme = given.scheme || (isTls ? 'https' : 'http');
  const isImplied = (scheme === 'http' && wanted === 80) || (scheme === 'https' && wanted === 443);
  return isImplied ? 0 : wanted;
}
