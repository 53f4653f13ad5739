/**
 * Load balancing of DestinationRules.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { ConsistentHash, HashCookie, LoadBalancer } from '../kinds/load-balancer.ts';
import type { OutlierDetection } from '../kinds/traffic-policy.ts';
import type { Findings } from './findings.ts';
import { validateLocalityLoadBalancer } from './locality-load-balancer.ts';
import { durationProblem } from './scalar.ts';

/** Envoy's largest Maglev table has the prime below it. */
const MAGLEV_TABLE_LIMIT = 5_000_011;

export function validateLoadBalancer(
  settings: LoadBalancer | undefined | null,
  path: ValuePath,
  findings: Findings,
  { outlierDetection }: { readonly outlierDetection?: OutlierDetection },
): void {
  if (!settings) return;
  if (settings.consistentHash)
    validateConsistentHash(settings.consistentHash, [...path, 'consistentHash'], findings);
  validateLocalityLoadBalancer(
    settings.localityLbSetting,
    [...path, 'localityLbSetting'],
    findings,
    outlierDetection !== undefined && outlierDetection !== null,
  );
  const warmup = settings.warmup;
  if (!warmup) return;
  if (warmup.duration === undefined) findings.error([...path, 'warmup'], 'duration is required');
  else findings.check([...path, 'warmup', 'duration'], durationProblem(warmup.duration));
  if ((warmup.minimumPercent ?? 0) > 100)
    findings.error(
      [...path, 'warmup', 'minimumPercent'],
      'minimumPercent value should be less than or equal to 100',
    );
  if ((warmup.aggression ?? 1) < 1)
    findings.error(
      [...path, 'warmup', 'aggression'],
      'aggression should be greater than or equal to 1',
    );
}

function validateConsistentHash(hash: ConsistentHash, path: ValuePath, findings: Findings): void {
  if (hash.httpCookie) validateCookie(hash.httpCookie, [...path, 'httpCookie'], findings);
  if (hash.minimumRingSize) {
    const at = [...path, 'minimumRingSize'];
    findings.warn(
      at,
      "consistent hash MinimumRingSize is deprecated, use ConsistentHashLB's RingHash configuration instead",
    );
    if (hash.ringHash || hash.maglev)
      findings.error(at, 'only one of MinimumRingSize or Maglev/Ringhash can be specified');
  }
  if (!hash.maglev) return;
  const at = [...path, 'maglev', 'tableSize'];
  const size = Number(hash.maglev.tableSize ?? 0);
  if (size === 0) findings.error(at, 'tableSize must be set for maglev');
  if (size >= MAGLEV_TABLE_LIMIT)
    findings.error(at, `tableSize must be less than ${MAGLEV_TABLE_LIMIT} for maglev`);
  if (!isPrime(size)) findings.error(at, 'tableSize must be a prime number for maglev');
}

function validateCookie(cookie: HashCookie, path: ValuePath, findings: Findings): void {
  if (!cookie.name) findings.error([...path, 'name'], 'name required for HttpCookie');
  const names = new Set<string>();
  cookie.attributes?.forEach((attribute, index) => {
    const at = [...path, 'attributes', index, 'name'];
    const name = attribute?.name ?? '';
    if (name === '') findings.error(at, 'cookie attribute name cannot be empty');
    else if (names.has(name)) findings.error(at, `duplicate cookie attribute name: ${name}`);
    names.add(name);
  });
}

/** As Envoy tells: 1 counts as prime. */
function isPrime(size: number): boolean {
  if (size !== 0 && size < 4) return true;
  if (size % 2 === 0) return false;
  for (let factor = 3; factor * factor <= size; factor += 2) if (size % factor === 0) return false;
  return true;
}
