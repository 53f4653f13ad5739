/**
 * What requests an HTTP route matches.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { HttpMatch } from '../kinds/http-route.ts';
import { validateGatewayNames } from './destination.ts';
import { isDnsLabel, validateLabels } from './dns-label.ts';
import { eachEntry, type Findings } from './findings.ts';
import { matchedHeaderProblem } from './http-header.ts';
import { portProblem } from './scalar.ts';
import { regexMatchProblem, stringMatchProblem } from './string-match.ts';

export function validateHttpMatch(match: HttpMatch, path: ValuePath, findings: Findings): void {
  validateHeaderMatches(match, path, findings);
  // an empty prefix matches every URI; elsewhere Envoy refuses it
  findings.check([...path, 'uri'], regexMatchProblem(match.uri, 'uri'));
  for (const part of ['scheme', 'method', 'authority'] as const)
    findings.check([...path, part], stringMatchProblem(match[part], part));
  eachEntry(match.queryParams, [...path, 'queryParams'], (parameter, at) =>
    findings.check(at, stringMatchProblem(parameter, 'queryParams')),
  );
  validateSource(match, path, findings);
}

function validateHeaderMatches(match: HttpMatch, path: ValuePath, findings: Findings): void {
  eachEntry(match.headers, [...path, 'headers'], (header, at, name) => {
    if (!header) findings.error(at, `header match ${name} cannot be null`);
    findings.check(at, matchedHeaderProblem(name));
    findings.check(at, stringMatchProblem(header, 'headers'));
  });
  eachEntry(match.withoutHeaders, [...path, 'withoutHeaders'], (header, at, name) => {
    findings.check(at, matchedHeaderProblem(name));
    // "*" is no regular expression here: it asks whether the header is there
    if (header && header.regex !== '*')
      findings.check(at, stringMatchProblem(header, 'withoutHeaders'));
  });
}

function validateSource(match: HttpMatch, path: ValuePath, findings: Findings): void {
  if (match.port) findings.check([...path, 'port'], portProblem(match.port));
  validateLabels(match.sourceLabels, [...path, 'sourceLabels'], findings);
  validateGatewayNames(match.gateways, [...path, 'gateways'], findings);
  if (match.sourceNamespace && !isDnsLabel(match.sourceNamespace))
    findings.error(
      [...path, 'sourceNamespace'],
      `sourceNamespace match ${match.sourceNamespace} is invalid`,
    );
}
