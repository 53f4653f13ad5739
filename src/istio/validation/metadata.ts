/**
 * What istiod's webhook asks of any object's annotations.
 * Spec: https://istio.io/latest/docs/reference/config/annotations/
 */
import type { AuthorizationPolicySpec } from '../kinds/authorization-policy.ts';
import type { ObjectContext } from './context.ts';
import type { Findings } from './findings.ts';
import { quoted } from './go-format.ts';

const DRY_RUN = 'istio.io/dry-run';
const ALWAYS_REJECT = 'internal.istio.io/webhook-always-reject';
const INTERNAL = ['internal.istio.io/parents', 'internal.istio.io/parent-namespace'];
const GO_BOOLEANS = new Set('1 t T TRUE true True 0 f F FALSE false False'.split(' '));

/** Whether validation may go on: istiod looks at nothing else once an annotation is wrong. */
export function validateAnnotations(
  context: ObjectContext,
  policy: AuthorizationPolicySpec | undefined,
  findings: Findings,
): boolean {
  const annotations = context.annotations ?? {};
  const at = (name: string) => ['metadata', 'annotations', name];
  const dryRun = annotations[DRY_RUN];
  if (dryRun !== undefined) findings.check(at(DRY_RUN), dryRunProblem(dryRun, context, policy));
  else if (annotations[ALWAYS_REJECT] !== undefined)
    findings.error(at(ALWAYS_REJECT), `${quoted(ALWAYS_REJECT)} annotation found, rejecting`);
  const internal = INTERNAL.find((name) => annotations[name] !== undefined);
  if (internal !== undefined && findings.errors.length === 0)
    findings.error(
      at(internal),
      `${quoted(internal)} annotation found, this may not be set by users`,
    );
  return findings.errors.length === 0;
}

function dryRunProblem(
  value: string,
  { name, namespace }: ObjectContext,
  policy: AuthorizationPolicySpec | undefined,
): string | undefined {
  if (!policy)
    return `${namespace}/${name} has unsupported annotation ${DRY_RUN}, please remove the annotation`;
  const action = policy.action ?? 'ALLOW';
  if (action !== 'ALLOW' && action !== 'DENY')
    return `the annotation ${DRY_RUN} currently only supports action ALLOW/DENY, found action ${action} in ${namespace}/${name}`;
  if (GO_BOOLEANS.has(value)) return undefined;
  return `${namespace}/${name} has annotation ${DRY_RUN} with invalid value (${value}): strconv.ParseBool: parsing ${quoted(value)}: invalid syntax`;
}
