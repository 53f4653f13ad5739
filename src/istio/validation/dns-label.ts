/**
 * DNS labels and Kubernetes labels as istiod checks them (more leniently than Kubernetes: upper
 * case is allowed).
 * Spec: https://www.rfc-editor.org/rfc/rfc1123#page-13
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import { eachEntry, type Findings } from './findings.ts';
import { quoted } from './go-format.ts';

const LABEL = '[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?';
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const WILDCARD_LABEL = new RegExp(`^(?:\\*|(?:\\*|\\*-)?${LABEL})$`);
const QUALIFIED_NAME = '(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_KEY = new RegExp(`^(${LABEL}(?:\\.${LABEL})*/)?(${QUALIFIED_NAME})$`);
const LABEL_VALUE = new RegExp(`^(?:${QUALIFIED_NAME})?$`);
const LABEL_LENGTH_MAX = 63;
const KEY_PREFIX_LENGTH_MAX = 253;

export function isDnsLabel(text: string): boolean {
  return text.length <= LABEL_LENGTH_MAX && DNS_LABEL.test(text);
}

/** A DNS label, "*", or one with "*" or "*-" in front. */
export function isWildcardDnsLabel(text: string): boolean {
  return text.length <= LABEL_LENGTH_MAX && WILDCARD_LABEL.test(text);
}

export function validateLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: ValuePath,
  findings: Findings,
): void {
  eachEntry(labels, path, (value, at, key) => {
    findings.check(at, labelKeyProblem(key));
    if (!LABEL_VALUE.test(value)) findings.error(at, `invalid tag value: ${quoted(value)}`);
  });
}

function labelKeyProblem(key: string): string | undefined {
  const parts = LABEL_KEY.exec(key);
  if (!parts) return `invalid tag key: ${quoted(key)}`;
  const [, prefix = '', name = ''] = parts;
  if (prefix.length - 1 > KEY_PREFIX_LENGTH_MAX)
    return `invalid tag key: ${quoted(key)} (DNS prefix is too long)`;
  if (name.length > LABEL_LENGTH_MAX) return `invalid tag key: ${quoted(key)} (name is too long)`;
  return undefined;
}
