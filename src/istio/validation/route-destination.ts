/**
 * Weighted destinations of routes and what they change in headers.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { HeaderChanges, HttpRouteDestination } from '../kinds/http-route.ts';
import { validateDestination } from './destination.ts';
import { eachEntry, eachItem, type Findings } from './findings.ts';
import { changedHeaderProblem, headerValueProblem, setHeaderProblem } from './http-header.ts';

/** TCP and TLS routes have the same without headers. */
export function validateRouteDestinations(
  destinations: readonly HttpRouteDestination[] | undefined,
  path: ValuePath,
  findings: Findings,
  gatewayApiSemantics: boolean,
): void {
  let total = 0;
  eachItem(destinations, path, findings, 'weight may not be nil', (item, at) => {
    if (!item.destination) findings.error(at, 'destination is required');
    validateHeaderChanges(item.headers, [...at, 'headers'], findings);
    if (!gatewayApiSemantics)
      validateDestination(item.destination, [...at, 'destination'], findings);
    const weight = item.weight ?? 0;
    if (weight < 0) findings.error([...at, 'weight'], `weight ${weight} < 0`);
    total += weight;
  });
  if ((destinations?.length ?? 0) > 1 && total === 0)
    findings.error(path, 'total destination weight = 0');
}

export function validateHeaderChanges(
  headers: HeaderChanges | undefined,
  path: ValuePath,
  findings: Findings,
): void {
  for (const side of ['request', 'response'] as const) {
    const operations = headers?.[side];
    if (!operations) continue;
    const nameProblem = side === 'request' ? setHeaderProblem : changedHeaderProblem;
    for (const operation of ['add', 'set'] as const) {
      eachEntry(operations[operation], [...path, side, operation], (value, at, name) => {
        findings.check(at, nameProblem(name));
        findings.check(at, headerValueProblem(value));
      });
    }
    operations.remove?.forEach((name, index) =>
      findings.check([...path, side, 'remove', index], changedHeaderProblem(name)),
    );
  }
}
