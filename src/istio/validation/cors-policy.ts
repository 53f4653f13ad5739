/**
 * CORS policies of routes.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#CorsPolicy
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import { durationNanoseconds } from '../kinds/duration.ts';
import type { CorsPolicy } from '../kinds/http-route.ts';
import type { StringMatch } from '../kinds/string-match.ts';
import { eachItem, type Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { corsHeaderProblem } from './http-header.ts';
import { durationProblem } from './scalar.ts';
import { regexMatchProblem } from './string-match.ts';

const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  '*',
]);
const NANOSECONDS_PER_SECOND = 1e9;

export function validateCorsPolicy(
  policy: CorsPolicy | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!policy) return;
  eachItem(policy.allowOrigins, [...path, 'allowOrigins'], findings, undefined, (origin, at) =>
    findings.check(at, originProblem(origin)),
  );
  policy.allowMethods?.forEach((method, index) => {
    if (!METHODS.has(method))
      findings.error(
        [...path, 'allowMethods', index],
        `${quoted(method)} is not a supported HTTP method`,
      );
  });
  for (const list of ['allowHeaders', 'exposeHeaders'] as const)
    policy[list]?.forEach((name, index) =>
      findings.check([...path, list, index], corsHeaderProblem(name)),
    );
  findings.check([...path, 'maxAge'], durationProblem(policy.maxAge));
  if (policy.maxAge && (durationNanoseconds(policy.maxAge) ?? 0) % NANOSECONDS_PER_SECOND > 0)
    findings.error([...path, 'maxAge'], 'max_age duration is accurate only to seconds precision');
}

function originProblem(origin: StringMatch): string | undefined {
  const text = origin.exact ?? origin.prefix ?? origin.regex ?? '';
  if (text === '') return `'${text}' is not a valid match type for CORS allow origins`;
  return regexMatchProblem(origin, 'corsPolicy.allowOrigins');
}
