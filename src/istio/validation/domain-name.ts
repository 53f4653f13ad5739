/**
 * Domain names in hosts, destinations and SNI, as istiod accepts them.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/ (`hosts`)
 */
import { isDnsLabel, isWildcardDnsLabel } from './dns-label.ts';
import { quoted } from './go-format.ts';
import { isIpAddress } from './ip-address.ts';

const NAME_LENGTH_MAX = 255;
const AUTO_PASSTHROUGH_FORMAT = 'outbound_.<PORT>_._.<HOSTNAME>';

export function fullNameProblem(name: string): string | undefined {
  return lengthProblem(name) ?? labelsProblem(name);
}

/** A full name whose first label may be a wildcard. */
export function wildcardNameProblem(name: string): string | undefined {
  const tooLong = lengthProblem(name);
  if (tooLong) return tooLong;
  const dot = name.indexOf('.');
  const first = dot < 0 ? name : name.slice(0, dot);
  if (!isWildcardDnsLabel(first))
    return `domain name ${quoted(name)} invalid (label ${quoted(first)} invalid)`;
  return dot < 0 ? undefined : labelsProblem(name.slice(dot + 1));
}

/** As above; as an SNI host it may be the name that AUTO_PASSTHROUGH gateways make up. */
export function gatewayNameProblem(name: string, isSniHost: boolean): string | undefined {
  if (!isSniHost || !name.startsWith('outbound_')) return wildcardNameProblem(name);
  const tooLong = lengthProblem(name);
  if (tooLong) return tooLong;
  const parts = name.split('_');
  if (parts.length < 4)
    return `domain name ${name} invalid, should follow '${AUTO_PASSTHROUGH_FORMAT}' format`;
  const [, port = '', , host = ''] = parts.map((part) => part.replace(/^\.+|\.+$/g, ''));
  const wrong = !/[0-9]/.test(port) ? port : !/[a-zA-Z]/.test(host) ? host : undefined;
  if (wrong === undefined) return undefined;
  return `domain name ${quoted(name)} invalid (label ${quoted(wrong)} invalid). should follow ${AUTO_PASSTHROUGH_FORMAT} format`;
}

/** A "*" anywhere but as the whole first label. */
export function partialWildcardProblem(host: string): string | undefined {
  if (!host.includes('*') || host.length === 1 || host.startsWith('*.')) return undefined;
  return `partial wildcard ${quoted(host)} not allowed`;
}

/** "namespace/host" of a Sidecar's egress or a Gateway's server. */
export function namespacedHostProblems(
  host: string,
  owner: 'sidecar' | 'gateway',
  gatewayApiSemantics = false,
): string[] {
  const slash = host.indexOf('/');
  if (slash < 0) {
    if (owner === 'gateway') return hostPartProblems(host, owner);
    return ['host must be of form namespace/dnsName'];
  }
  const namespace = host.slice(0, slash);
  const name = host.slice(slash + 1);
  const problems: string[] = [];
  if (namespace === '' || name === '')
    problems.push('config namespace and dnsName in host entry cannot be empty');
  const wildcards = owner === 'sidecar' || gatewayApiSemantics ? ['*', '.', '~'] : ['*', '.'];
  if (!wildcards.includes(namespace) && !isDnsLabel(namespace))
    problems.push(`invalid namespace value ${quoted(namespace)} in ${owner}`);
  return [...problems, ...hostPartProblems(name, owner)];
}

function hostPartProblems(host: string, owner: 'sidecar' | 'gateway'): string[] {
  const problems: string[] = [];
  if (host !== '*' && !host.includes('.')) problems.push('short names (non FQDN) are not allowed');
  const invalid = wildcardNameProblem(host);
  if (invalid !== undefined && (owner === 'sidecar' || !isIpAddress(host))) problems.push(invalid);
  const partial = partialWildcardProblem(host);
  return partial === undefined ? problems : [...problems, partial];
}

function lengthProblem(name: string): string | undefined {
  if (name.length > NAME_LENGTH_MAX)
    return `domain name ${quoted(name)} too long (max ${NAME_LENGTH_MAX})`;
  return name === '' ? 'empty domain name not allowed' : undefined;
}

function labelsProblem(name: string): string | undefined {
  const labels = name.split('.');
  const top = labels.at(-1) ?? '';
  if (/^[+-]?\d+$/.test(top))
    return `domain name ${quoted(name)} invalid (top level domain ${quoted(top)} cannot be all-numeric)`;
  // the last label may be empty: "istio.io." is unambiguous
  const wrong = labels.find((label, at) =>
    at === labels.length - 1 && label === '' ? false : !isDnsLabel(label),
  );
  if (wrong === undefined) return undefined;
  return `domain name ${quoted(name)} invalid (label ${quoted(wrong)} invalid)`;
}
