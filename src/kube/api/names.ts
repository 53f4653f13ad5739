/**
 * Models what names and labels may look like.
 *
 * Spec: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and
 * k8s.io/apimachinery/pkg/util/validation for the words.
 */
import type { StringMap } from '../objects/metadata.ts';
import type { FieldError } from './api-error.ts';

const DNS1123_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS1123_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const SUBDOMAIN_WORDS =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for " +
  "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_WORDS =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must " +
  "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for " +
  "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SERVICE_WORDS =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an " +
  "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', " +
  "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const VALUE_WORDS =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', " +
  "and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or " +
  "'12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const KEY_WORDS =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with " +
  "an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for " +
  "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** What is wrong with an object's name, if anything. */
export function nameError(kindId: string, name: string): string | undefined {
  if (kindId === 'Service') return check(name, DNS1035_LABEL, SERVICE_WORDS, 63);
  if (kindId === 'Namespace') return check(name, DNS1123_LABEL, LABEL_WORDS, 63);
  return check(name, DNS1123_SUBDOMAIN, SUBDOMAIN_WORDS, 253);
}

function check(name: string, syntax: RegExp, words: string, lengthMax: number): string | undefined {
  if (name.length > lengthMax) return `must be no more than ${lengthMax} characters`;
  return syntax.test(name) ? undefined : words;
}

export function labelErrors(path: string, labels: StringMap | undefined): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    const name = key.slice(key.lastIndexOf('/') + 1);
    if (!QUALIFIED_NAME.test(name) || name.length > 63)
      errors.push({ path, detail: `Invalid value: "${key}": ${KEY_WORDS}` });
    if (typeof value !== 'string') {
      errors.push({ path, detail: `Invalid value: ${JSON.stringify(value)}: must be a string` });
    } else if (value.length > 63)
      errors.push({
        path,
        detail: `Invalid value: "${value}": must be no more than 63 characters`,
      });
    else if (!LABEL_VALUE.test(value))
      errors.push({ path, detail: `Invalid value: "${value}": ${VALUE_WORDS}` });
  }
  return errors;
}
