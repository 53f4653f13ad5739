/**
 * Values that authorization rules compare: addresses, ports, accounts, paths, attributes.
 * Spec: https://istio.io/latest/docs/reference/config/security/conditions/
 */
import { quoted } from './go-format.ts';
import { isCidr, isIpAddress } from './ip-address.ts';

const SERVICE_ACCOUNTS_MAX = 16;
const SERVICE_ACCOUNT_LENGTH_MAX = 320;
const PORT_MAX = 65_535;
const ONE_SEGMENT = '{*}';
const ANY_SEGMENTS = '{**}';
const PATH_LITERAL = /^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/;

type Values = readonly string[];

export function emptyValueProblem(key: string, values: Values): string | undefined {
  return values.includes('') ? `empty value not allowed, found in ${key}` : undefined;
}

export function ipProblems(values: Values): string[] {
  return values.flatMap((value) => {
    if (value.includes('/'))
      return isCidr(value)
        ? []
        : [
            `bad CIDR range (${value}): netip.ParsePrefix(${quoted(value)}): ${prefixReason(value)}`,
          ];
    return isIpAddress(value) ? [] : [`bad IP address (${value})`];
  });
}

export function portProblems(values: Values): string[] {
  return values.flatMap((value) => {
    if (!/^\d+$/.test(value))
      return [`bad port (${value}): strconv.ParseUint: parsing ${quoted(value)}: invalid syntax`];
    return Number(value) > PORT_MAX ? [`bad port (${value}): <nil>`] : [];
  });
}

/** A wildcard may stand at the start or at the end, or be all there is. */
export function wildcardProblem(key: string, values: Values): string | undefined {
  const empty = emptyValueProblem(key, values);
  if (empty !== undefined) return empty;
  for (const value of values) {
    const stars = value.split('*').length - 1;
    if (stars > 1) return `at most one wildcard is allowed, found in ${key}: ${quoted(value)}`;
    if (stars === 1 && !value.startsWith('*') && !value.endsWith('*'))
      return `wildcard is only allowed at the start or end, found in ${key}: ${quoted(value)}`;
  }
  return undefined;
}

export function trustDomainProblem(key: string, values: Values): string | undefined {
  const wildcard = wildcardProblem(key, values);
  if (wildcard !== undefined) return wildcard;
  const wrong = values.find((value) => value.includes('/'));
  return wrong === undefined
    ? undefined
    : `trust domain must not contain '/', found in ${key}: ${quoted(wrong)}`;
}

/** "account" or "namespace/account". */
export function serviceAccountProblem(key: string, values: Values): string | undefined {
  if (values.length > SERVICE_ACCOUNTS_MAX)
    return `may not have more than ${SERVICE_ACCOUNTS_MAX} values`;
  const format = "expected format 'serviceAccount' or 'namespace/serviceAccount', found";
  for (const value of values) {
    if (value === '') return `empty value not allowed, found in ${key}`;
    if (value.includes('*')) return `wildcard not allowed, found in ${key}`;
    const [first = '', second, ...rest] = value.split('/');
    if (rest.length > 0) return `${format} ${quoted(value)} in ${key}`;
    if (value.length > SERVICE_ACCOUNT_LENGTH_MAX)
      return `value cannot exceed ${SERVICE_ACCOUNT_LENGTH_MAX} characters, found ${quoted(value)} in ${key}`;
    if (second === undefined) continue;
    if (first === '') return `${format} empty namespace ${quoted(value)} in ${key}`;
    if (second === '') return `${format} empty serviceAccount ${quoted(value)} in ${key}`;
  }
  return undefined;
}

/** `{*}` is one segment, `{**}` any number and the last operator. */
export function pathTemplateProblem(key: string, paths: Values): string | undefined {
  for (const path of paths) {
    const trimmed = path.replace(/^\/+|\/+$/g, '');
    const words = `invalid or unsupported path ${trimmed}, found in ${key}.`;
    const isTemplate = path.includes(ONE_SEGMENT) || path.includes(ANY_SEGMENTS);
    let ended = false;
    for (const segment of trimmed.split('/')) {
      if (segment === ONE_SEGMENT || segment === ANY_SEGMENTS) {
        if (ended) return `${words} {**} is not the last operator`;
        ended = segment === ANY_SEGMENTS;
      } else if (/[{}]/.test(segment)) {
        return `${words} Contains '{' or '}' beyond a supported path template`;
      } else if (isTemplate && !PATH_LITERAL.test(segment)) {
        return `${words} Contains segment ${segment} with invalid string literal`;
      }
    }
  }
  return undefined;
}

/** Attributes whose values are any texts. */
const FREE_ATTRIBUTES: ReadonlySet<string> = new Set([
  'source.namespace',
  'source.principal',
  'request.auth.principal',
  'request.auth.audiences',
  'request.auth.presenter',
  'connection.sni',
]);
const KEYED_ATTRIBUTES = ['request.headers', 'request.auth.claims', 'experimental.envoy.filters.'];

/** What is wrong with a condition's key, or with its values. */
export function attributeProblems(key: string, values: Values): string | undefined {
  const empty = emptyValueProblem(key, values);
  if (empty !== undefined) return empty;
  if (FREE_ATTRIBUTES.has(key)) return undefined;
  if (KEYED_ATTRIBUTES.some((prefix) => key.startsWith(prefix))) return mapKeyProblem(key);
  if (key.startsWith('destination.labels'))
    return `attribute ${key} is replaced by the workload selector`;
  switch (key) {
    case 'source.ip':
    case 'remote.ip':
    case 'destination.ip':
      return joined(ipProblems(values));
    case 'destination.port':
      return joined(portProblems(values));
    case 'source.serviceAccount':
      return serviceAccountProblem(key, values);
    case 'source.trustDomain':
      return wildcardProblem(key, values);
    case 'destination.namespace':
      return `attribute ${key} is replaced by the metadata.namespace`;
    case 'destination.name':
    case 'destination.user':
      return `deprecated attribute ${key}: only supported in v1alpha1`;
    default:
      return `unknown attribute: ${key}`;
  }
}

function mapKeyProblem(key: string): string | undefined {
  const open = key.indexOf('[');
  if (key.endsWith(']') && open > 0 && open < key.length - 2) return undefined;
  return `bad key (${key}): should have format a[b]`;
}

/** Several problems as Go's multierror prints them. */
function joined(problems: readonly string[]): string | undefined {
  if (problems.length === 0) return undefined;
  const count = problems.length === 1 ? '1 error' : `${problems.length} errors`;
  return `${count} occurred:\n${problems.map((problem) => `\t* ${problem}\n`).join('')}\n`;
}

function prefixReason(value: string): string {
  const slash = value.lastIndexOf('/');
  const address = value.slice(0, slash);
  const bits = value.slice(slash + 1);
  if (!isIpAddress(address)) return `ParseAddr(${quoted(address)}): unable to parse IP`;
  if (!/^\d+$/.test(bits)) return `bad bits after slash: ${quoted(bits)}`;
  return 'prefix length out of range';
}
