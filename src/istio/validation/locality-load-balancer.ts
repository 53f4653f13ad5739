/**
 * Localities: how traffic is spread over regions and zones, and where it goes when one fails.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { LocalityLoadBalancer } from '../kinds/load-balancer.ts';
import type { Findings } from './findings.ts';

const TOPOLOGY_LABELS: ReadonlySet<string> = new Set([
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
]);
const WEIGHT_SUM = 100;

export function validateLocalityLoadBalancer(
  settings: LocalityLoadBalancer | undefined | null,
  path: ValuePath,
  findings: Findings,
  hasOutlierDetection: boolean,
): void {
  if (!settings) return;
  const { distribute = [], failover = [], failoverPriority = [] } = settings;
  if (distribute.length > 0 && failover.length > 0) {
    findings.error(path, "can not simultaneously specify 'distribute' and 'failover'");
    return;
  }
  const topology = failoverPriority.find((label) => TOPOLOGY_LABELS.has(label));
  if (failover.length > 0 && topology !== undefined) {
    findings.error(
      [...path, 'failoverPriority'],
      `can not simultaneously set 'failover' and topology label '${topology}' in 'failover_priority'`,
    );
    return;
  }
  if (!validateDistribute(distribute, [...path, 'distribute'], findings)) return;
  if ((failover.length > 0 || failoverPriority.length > 0) && !hasOutlierDetection)
    findings.warn(path, 'outlier detection policy must be provided for failover');
  validateFailover(failover, [...path, 'failover'], findings);
}

/** Whether validation may go on: istiod stops at the first wrong weight. */
function validateDistribute(
  distribute: NonNullable<LocalityLoadBalancer['distribute']>,
  path: ValuePath,
  findings: Findings,
): boolean {
  for (const [index, { to = {} }] of distribute.entries()) {
    const at = [...path, index, 'to'];
    const weights = Object.values(to);
    if (weights.some((weight) => weight <= 0 || weight > WEIGHT_SUM)) {
      findings.error(at, 'locality weight must be in range [1, 100]');
      return false;
    }
    const sum = weights.reduce((total, weight) => total + weight, 0);
    if (sum !== WEIGHT_SUM) {
      findings.error(at, `total locality weight ${sum} != 100`);
      return false;
    }
    findings.check(at, localitiesProblem(Object.keys(to)));
  }
  findings.check(path, localitiesProblem(distribute.map(({ from = '' }) => from)));
  return true;
}

function validateFailover(
  failover: NonNullable<LocalityLoadBalancer['failover']>,
  path: ValuePath,
  findings: Findings,
): void {
  failover.forEach(({ from = '', to = '' }, index) => {
    const at = [...path, index];
    if (from === to)
      findings.error(at, 'locality lb failover settings must specify different regions');
    if (from.includes('/') || to.includes('/'))
      findings.error(at, 'locality lb failover only specify region');
    if (from.includes('*') || to.includes('*'))
      findings.error(at, "locality lb failover region should not contain '*' wildcard");
  });
}

/** Localities must be well-formed, and none may lie within another. */
function localitiesProblem(localities: readonly string[]): string | undefined {
  const seen: string[][] = [];
  for (const locality of localities) {
    const stars = locality.split('*').length - 1;
    if (stars > 1 || (stars === 1 && !locality.endsWith('*')))
      return `locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`;
    const parts = splitLocality(locality);
    if (seen.some((other) => overlaps(parts, other)))
      return `locality ${locality} overlap with previous specified ones`;
    if (parts.includes(''))
      return `locality ${locality} must not contain empty region/zone/subzone info`;
    seen.push(parts);
  }
  return undefined;
}

function splitLocality(locality: string): string[] {
  const [region = '', zone, ...rest] = locality.split('/');
  if (zone === undefined) return [region];
  return rest.length > 0 ? [region, zone, rest.join('/')] : [region, zone];
}

/** `other` came first: it may hold `parts`, or, when it is a region, be named again. */
function overlaps(parts: readonly string[], other: readonly string[]): boolean {
  if (other[0] === '*') return true;
  if (parts.length === 1) return parts[0] === other[0];
  const depth = Math.min(parts.length, other.length);
  for (let at = 0; at < depth; at++) {
    if (other[at] === '*') return true;
    if (parts[at] !== other[at]) return false;
  }
  return true;
}
