/**
 * Admission of RequestAuthentications.
 * Spec: https://istio.io/latest/docs/reference/config/security/request_authentication/
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { JwtRule, RequestAuthenticationSpec } from '../kinds/request-authentication.ts';
import { eachItem, type Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { strictHeaderProblem } from './http-header.ts';
import { jwksProblem, privateKeyIndexes } from './json-web-key-set.ts';
import { validateAttachment } from './policy-attachment.ts';
import { durationProblem } from './scalar.ts';

export function validateRequestAuthentication(
  spec: RequestAuthenticationSpec,
  findings: Findings,
): void {
  validateAttachment(spec, findings);
  eachItem(spec.jwtRules, ['spec', 'jwtRules'], findings, undefined, (rule, at) =>
    validateJwtRule(rule, at, findings),
  );
}

function validateJwtRule(rule: JwtRule, path: ValuePath, findings: Findings): void {
  forbidEmpty(rule.audiences, [...path, 'audiences'], findings, 'audience');
  if (!rule.issuer && !rule.jwksUri)
    findings.error(path, 'issuer or jwksUri must be non-empty string');
  if (rule.jwksUri) findings.check([...path, 'jwksUri'], jwksUriProblem(rule.jwksUri));
  if (rule.jwks) {
    const at = [...path, 'jwks'];
    const problem = jwksProblem(rule.jwks);
    if (problem !== undefined) findings.error(at, `jwks parse error: ${problem}`);
    for (const index of privateKeyIndexes(rule.jwks))
      findings.warn(
        at,
        `jwks key at index ${index} contains private key material; only public keys are used for verification`,
      );
  }
  eachItem(
    rule.fromHeaders,
    [...path, 'fromHeaders'],
    findings,
    'location header name must be non-null',
    (header, at) => {
      if (!header.name)
        findings.error([...at, 'name'], 'location header name must be non-empty string');
    },
  );
  forbidEmpty(rule.fromParams, [...path, 'fromParams'], findings, 'location query');
  forbidEmpty(rule.fromCookies, [...path, 'fromCookies'], findings, 'cookie name');
  validateOutputClaims(rule, [...path, 'outputClaimToHeaders'], findings);
  findings.check([...path, 'timeout'], durationProblem(rule.timeout));
}

function validateOutputClaims(rule: JwtRule, path: ValuePath, findings: Findings): void {
  const isNull = 'outputClaimToHeaders must not be null';
  eachItem(rule.outputClaimToHeaders, path, findings, isNull, ({ claim, header }, at) => {
    if (claim && header) findings.check([...at, 'header'], strictHeaderProblem(header));
    else findings.error(at, 'outputClaimToHeaders header and claim value must be non-empty string');
  });
}

function forbidEmpty(
  texts: readonly string[] | undefined,
  path: ValuePath,
  findings: Findings,
  words: string,
): void {
  texts?.forEach((text, index) => {
    if (!text) findings.error([...path, index], `${words} must be non-empty string`);
  });
}

function jwksUriProblem(uri: string): string | undefined {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(uri)?.[1]?.toLowerCase() ?? '';
  if (scheme !== 'http' && scheme !== 'https')
    return `URI scheme ${quoted(scheme)} is not supported`;
  const authority = /^[^:]+:\/\/([^/?#]*)/.exec(uri)?.[1] ?? '';
  const port = /:([^:\]]*)$/.exec(authority)?.[1];
  if (port === undefined || /^\d*$/.test(port)) return undefined;
  return `parse ${quoted(uri)}: invalid port ${quoted(`:${port}`)} after host`;
}
