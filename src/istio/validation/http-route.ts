/**
 * One HTTP route of a VirtualService.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { HttpRoute } from '../kinds/http-route.ts';
import { validateCorsPolicy } from './cors-policy.ts';
import { eachItem, type Findings } from './findings.ts';
import { validateHttpFault } from './http-fault.ts';
import { validateHttpRetry } from './http-retry.ts';
import {
  validateAuthorityChange,
  validateHttpDirectResponse,
  validateHttpRedirect,
  validateHttpRewrite,
  validateMirrors,
} from './http-route-action.ts';
import { validateHttpMatch } from './http-route-match.ts';
import { validateHeaderChanges, validateRouteDestinations } from './route-destination.ts';
import { durationProblem } from './scalar.ts';

export interface HttpRouteOptions {
  /** The VirtualService has no hosts: another one delegates to it. */
  readonly isDelegate: boolean;
  readonly gatewayApiSemantics: boolean;
}

export function validateHttpRoute(
  route: HttpRoute,
  path: ValuePath,
  findings: Findings,
  { isDelegate, gatewayApiSemantics }: HttpRouteOptions,
): void {
  if (!isDelegate && route.delegate) validateRootConflicts(route, path, findings);
  else validateConflicts(route, path, findings, isDelegate);
  eachItem(route.match, [...path, 'match'], findings, undefined, (match, at) =>
    findings.withoutWarnings(() => validateHttpMatch(match, at, findings)),
  );
  validateHeaderChanges(route.headers, [...path, 'headers'], findings);
  validateCorsPolicy(route.corsPolicy, [...path, 'corsPolicy'], findings);
  findings.withoutWarnings(() => validateHttpFault(route.fault, [...path, 'fault'], findings));
  validateMirrors(route, path, findings);
  validateHttpRedirect(route.redirect, [...path, 'redirect'], findings);
  validateHttpDirectResponse(route.directResponse, [...path, 'directResponse'], findings);
  validateHttpRetry(route.retries, [...path, 'retries'], findings);
  validateHttpRewrite(route.rewrite, [...path, 'rewrite'], findings);
  validateAuthorityChange(route, path, findings);
  validateRouteDestinations(route.route, [...path, 'route'], findings, gatewayApiSemantics);
  findings.check([...path, 'timeout'], durationProblem(route.timeout));
}

/** A route that delegates leaves the decision to the other VirtualService. */
function validateRootConflicts(route: HttpRoute, path: ValuePath, findings: Findings): void {
  for (const part of ['redirect', 'route'] as const) {
    if (route[part])
      findings.error(
        [...path, part],
        `root HTTP route ${route.name ?? ''} must not specify ${part}`,
      );
  }
}

function validateConflicts(
  route: HttpRoute,
  path: ValuePath,
  findings: Findings,
  isDelegate: boolean,
): void {
  if (isDelegate && route.delegate)
    findings.error([...path, 'delegate'], 'delegate HTTP route cannot contain delegate');
  const hasRoute = (route.route?.length ?? 0) > 0;
  const forbid = (part: keyof HttpRoute, isSet: boolean, message: string) => {
    if (isSet) findings.error([...path, part], message);
  };
  if (route.redirect) {
    forbid('route', hasRoute, 'HTTP route cannot contain both route and redirect');
    forbid('fault', Boolean(route.fault), 'HTTP route cannot contain both fault and redirect');
    forbid(
      'rewrite',
      Boolean(route.rewrite),
      'HTTP route rule cannot contain both rewrite and redirect',
    );
    forbid(
      'directResponse',
      Boolean(route.directResponse),
      'HTTP route rule cannot contain both direct_response and redirect',
    );
  } else if (route.directResponse) {
    forbid('route', hasRoute, 'HTTP route cannot contain both route and direct_response');
    forbid(
      'fault',
      Boolean(route.fault),
      'HTTP route cannot contain both fault and direct_response',
    );
    forbid(
      'rewrite',
      Boolean(route.rewrite),
      'HTTP route rule cannot contain both rewrite and direct_response',
    );
  } else if (!hasRoute) {
    findings.error(path, 'HTTP route, redirect or direct_response is required');
  }
  if (route.mirror && (route.mirrors?.length ?? 0) > 0)
    findings.error([...path, 'mirrors'], 'HTTP route cannot contain both mirror and mirrors');
}
