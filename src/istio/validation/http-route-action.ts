/**
 * What an HTTP route does: redirect, answer directly, rewrite, mirror.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type {
  HttpDirectResponse,
  HttpRedirect,
  HttpRewrite,
  HttpRoute,
} from '../kinds/http-route.ts';
import { validateDestination } from './destination.ts';
import { eachItem, type Findings } from './findings.ts';
import { goFixed, quoted } from './go-format.ts';
import { isAuthority } from './http-header.ts';
import { httpStatusProblem } from './http-fault.ts';
import { portProblem } from './scalar.ts';
import { regexProblem } from './string-match.ts';

const BODY_BYTES_WARNED = 100 * 1024;
const BODY_BYTES_MAX = 1024 * 1024;

export function validateHttpRedirect(
  redirect: HttpRedirect | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (redirect) findings.check(path, redirectProblem(redirect));
}

function redirectProblem(redirect: HttpRedirect): string | undefined {
  const { uri, authority, scheme, port, derivePort, redirectCode = 0 } = redirect;
  if (!uri && !authority && !scheme && port === undefined && derivePort === undefined)
    return 'redirect must specify URI, authority, scheme, or port';
  if (redirectCode !== 0 && (redirectCode < 300 || redirectCode > 399))
    return `${redirectCode} is not a valid redirect code, must be 3xx`;
  if (scheme && scheme !== 'http' && scheme !== 'https')
    return 'invalid redirect scheme, must be "http" or "https"';
  return port ? portProblem(port) : undefined;
}

export function validateHttpDirectResponse(
  response: HttpDirectResponse | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!response) return;
  const size = bodyBytes(response);
  if (size > BODY_BYTES_MAX)
    findings.error(
      [...path, 'body'],
      'large direct_responses may impact control plane performance, must be less than 1MB',
    );
  else if (size > BODY_BYTES_WARNED)
    findings.warn([...path, 'body'], 'large direct_responses may impact control plane performance');
  findings.check([...path, 'status'], httpStatusProblem(response.status ?? 0));
}

function bodyBytes({ body }: HttpDirectResponse): number {
  if (body?.string !== undefined) return new TextEncoder().encode(body.string).length;
  const base64 = body?.bytes?.replace(/=+$/, '') ?? '';
  return Math.floor((base64.length * 3) / 4);
}

export function validateHttpRewrite(
  rewrite: HttpRewrite | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!rewrite) return;
  const { uri, uriRegexRewrite, authority } = rewrite;
  if (uri && uriRegexRewrite)
    findings.error(path, 'rewrite may only contain one of URI or UriRegexRewrite');
  else if (!uri && !uriRegexRewrite && !authority)
    findings.error(
      path,
      'rewrite must specify at least one of URI, UriRegexRewrite, or authority. Only one of URI or UriRegexRewrite may be specified',
    );
  else {
    const problem = regexRewriteProblem(uriRegexRewrite);
    if (problem !== undefined)
      findings.error([...path, 'uriRegexRewrite'], `UriRegexRewrite has errors\n${problem}`);
  }
}

export function regexRewriteProblem(
  rewrite: HttpRewrite['uriRegexRewrite'] | null,
): string | undefined {
  if (!rewrite) return undefined;
  if (!rewrite.match || !rewrite.rewrite)
    return 'UriRegexRewrite requires both Rewrite and Match fields to be specified';
  return regexProblem(rewrite.match, 'HTTPRewrite.UriRegexRewrite.Match');
}

/** The authority may be changed in one place only: rewrite, or one header operation. */
export function validateAuthorityChange(
  { rewrite, headers }: HttpRoute,
  path: ValuePath,
  findings: Findings,
): void {
  let current = rewrite?.authority ?? '';
  for (const operation of ['set', 'add'] as const) {
    for (const [name, value] of Object.entries(headers?.request?.[operation] ?? {})) {
      if (!isAuthority(name)) continue;
      if (current !== '') {
        findings.error(
          [...path, 'headers', 'request', operation, name],
          `authority header cannot be set multiple times: have ${quoted(current)}, attempting to set ${quoted(value)}`,
        );
        return;
      }
      current = value;
    }
  }
}

export function validateMirrors(route: HttpRoute, path: ValuePath, findings: Findings): void {
  const percent = route.mirrorPercent ?? undefined;
  if (percent !== undefined) {
    const at = [...path, 'mirrorPercent'];
    if (percent > 100)
      findings.error(at, `mirror_percent must have a max value of 100 (it has ${percent})`);
    findings.warn(at, 'using deprecated setting "mirrorPercent", use "mirrorPercentage" instead');
  }
  if (route.mirrorPercentage)
    findings.check(
      [...path, 'mirrorPercentage'],
      percentageProblem('mirror_percentage', route.mirrorPercentage.value),
    );
  validateDestination(route.mirror, [...path, 'mirror'], findings);
  eachItem(route.mirrors, [...path, 'mirrors'], findings, 'mirror cannot be null', (mirror, at) => {
    if (!mirror.destination) {
      findings.error(at, 'destination is required for mirrors');
      return;
    }
    validateDestination(mirror.destination, [...at, 'destination'], findings);
    if (mirror.percentage)
      findings.check(
        [...at, 'percentage'],
        percentageProblem('mirror percentage', mirror.percentage.value),
      );
  });
}

function percentageProblem(name: string, value = 0): string | undefined {
  if (value > 100) return `${name} must have a max value of 100 (it has ${goFixed(value)})`;
  if (value < 0) return `${name} must have a min value of 0 (it has ${goFixed(value)})`;
  return undefined;
}
