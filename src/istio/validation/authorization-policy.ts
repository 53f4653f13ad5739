/**
 * Admission of AuthorizationPolicies.
 * Spec: https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type {
  AuthorizationOperation,
  AuthorizationPolicySpec,
  AuthorizationRule,
  AuthorizationSource,
} from '../kinds/authorization-policy.ts';
import {
  attributeProblems,
  emptyValueProblem,
  ipProblems,
  pathTemplateProblem,
  portProblems,
  serviceAccountProblem,
  trustDomainProblem,
} from './authorization-attribute.ts';
import type { ObjectContext } from './context.ts';
import { Findings } from './findings.ts';
import { validateAttachment } from './policy-attachment.ts';

const RULES = ['spec', 'rules'];

export function validateAuthorizationPolicy(
  spec: AuthorizationPolicySpec,
  findings: Findings,
  { name, namespace }: ObjectContext,
): void {
  const own = new Findings();
  validateAttachment(spec, own);
  const action = spec.action ?? 'ALLOW';
  validateProvider(spec, own);
  if ((action === 'CUSTOM' || action === 'DENY') && !spec.rules)
    own.error(
      ['spec'],
      `${action} action without \`rules\` is meaningless as it will never be triggered, add an empty rule \`{}\` if you want it be triggered for every request`,
    );
  if (action === 'CUSTOM') forbidUnsupported(spec, own);
  spec.rules?.forEach((rule, index) => {
    if (rule) validateRule(rule, index, action === 'DENY', own);
    else own.error([...RULES, index], `\`rule\` must not be nil, found at rule ${index}`);
  });
  for (const { path, message } of own.errors)
    findings.error(path, `invalid policy ${name}.${namespace}: ${message}`);
  findings.warnings.push(...own.warnings);
}

function validateProvider(
  { action, provider, rules }: AuthorizationPolicySpec,
  findings: Findings,
) {
  if (action === 'CUSTOM') {
    if (rules && !provider?.name)
      findings.error(['spec', 'provider'], '`provider.name` must not be empty');
  } else if (provider) {
    findings.error(
      ['spec', 'provider'],
      `\`provider\` must not be with non CUSTOM action, found ${action ?? 'ALLOW'}`,
    );
  }
}

/** Field → how istiod names it. An external authorizer sees no authenticated identity. */
const UNSUPPORTED_SOURCES = [
  ['namespaces', 'From.Namespaces'],
  ['notNamespaces', 'From.NotNamespaces'],
  ['serviceAccounts', 'From.ServiceAccounts'],
  ['notServiceAccounts', 'From.NotServiceAccounts'],
  ['trustDomains', 'From.TrustDomains'],
  ['notTrustDomains', 'From.NotTrustDomains'],
  ['principals', 'From.Principals'],
  ['notPrincipals', 'From.NotPrincipals'],
  ['requestPrincipals', 'From.RequestPrincipals'],
  ['notRequestPrincipals', 'From.NotRequestPrincipals'],
] as const;
const UNSUPPORTED_KEYS: ReadonlySet<string> = new Set([
  'source.namespace',
  'source.serviceAccount',
  'source.trustDomain',
  'source.principal',
]);

function forbidUnsupported(spec: AuthorizationPolicySpec, findings: Findings): void {
  const words = 'is currently not supported with CUSTOM action';
  spec.rules?.forEach((rule, index) => {
    rule?.from?.forEach((from, fromIndex) => {
      for (const [field, name] of UNSUPPORTED_SOURCES)
        if (from?.source?.[field]?.length)
          findings.error([...RULES, index, 'from', fromIndex, 'source', field], `${name} ${words}`);
    });
    rule?.when?.forEach((condition, whenIndex) => {
      const at = [...RULES, index, 'when', whenIndex];
      const key = condition?.key;
      if (!condition) findings.error(at, 'when field cannot be nil');
      else if (UNSUPPORTED_KEYS.has(key ?? '') || key?.startsWith('request.auth.'))
        findings.error([...at, 'key'], `${key} ${words}`);
    });
  });
}

function validateRule(
  rule: AuthorizationRule,
  index: number,
  isDeny: boolean,
  findings: Findings,
): void {
  const path = [...RULES, index];
  const found = `found at rule ${index}`;
  for (const part of ['from', 'to'] as const)
    if (rule[part]?.length === 0)
      findings.error([...path, part], `\`${part}\` must not be empty, ${found}`);
  rule.from?.forEach((from, at) => {
    const where = [...path, 'from', at];
    if (!from) findings.error(where, `\`from\` must not be nil, ${found}`);
    else if (!from.source) findings.error(where, `\`from.source\` must not be nil, ${found}`);
    else validateSource(from.source, [...where, 'source'], findings, found);
  });
  rule.to?.forEach((to, at) => {
    const where = [...path, 'to', at];
    if (!to) findings.error(where, `\`to\` must not be nil, ${found}`);
    else if (!to.operation) findings.error(where, `\`to.operation\` must not be nil, ${found}`);
    else validateOperation(to.operation, [...where, 'operation'], findings, found);
  });
  validateConditions(rule, path, findings);
  if (isDeny && deniesAllTcp(rule))
    findings.warn(
      path,
      'configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port',
    );
}

const TCP_SOURCES = [
  'notPrincipals',
  'principals',
  'ipBlocks',
  'notIpBlocks',
  'namespaces',
  'notNamespaces',
  'remoteIpBlocks',
  'notRemoteIpBlocks',
  'serviceAccounts',
  'notServiceAccounts',
] as const;

/** Without its HTTP parts nothing is left of the rule that would narrow it. */
function deniesAllTcp(rule: AuthorizationRule): boolean {
  const sources = (rule.from ?? []).flatMap((from) => (from?.source ? [from.source] : []));
  const operations = (rule.to ?? []).flatMap((to) => (to?.operation ? [to.operation] : []));
  if (operations.length > 0) return !operations.some(({ ports, notPorts }) => ports ?? notPorts);
  return (
    sources.length > 0 && !sources.some((source) => TCP_SOURCES.some((field) => source[field]))
  );
}

function validateSource(
  source: AuthorizationSource,
  path: ValuePath,
  findings: Findings,
  found: string,
): void {
  const has = (...fields: (keyof AuthorizationSource)[]) =>
    fields.some((field) => source[field]?.length);
  if (
    has('principals', 'notPrincipals', 'namespaces', 'notNamespaces') &&
    has('serviceAccounts', 'notServiceAccounts')
  )
    findings.error(path, `cannot set serviceAccounts with namespaces or principals, ${found}`);
  if (!Object.values(source).some((values: readonly string[] | undefined) => values?.length))
    findings.error(path, `\`from.source\` must not be empty, ${found}`);
  for (const [field, values] of Object.entries(source) as [string, readonly string[] | null][]) {
    if (!values) continue;
    const at = [...path, field];
    const name = field.charAt(0).toUpperCase() + field.slice(1);
    if (/IpBlocks$/i.test(field))
      for (const problem of ipProblems(values)) findings.error(at, problem);
    findings.check(
      at,
      /serviceAccounts$/i.test(field)
        ? serviceAccountProblem(name, values)
        : /trustDomains$/i.test(field)
          ? trustDomainProblem(name, values)
          : emptyValueProblem(name, values),
    );
  }
}

function validateOperation(
  operation: AuthorizationOperation,
  path: ValuePath,
  findings: Findings,
  found: string,
): void {
  const fields = Object.entries(operation) as [string, readonly string[] | null][];
  if (!fields.some(([, values]) => values?.length))
    findings.error(path, `\`to.operation\` must not be empty, ${found}`);
  for (const [field, values] of fields) {
    if (!values) continue;
    const at = [...path, field];
    const name = field.charAt(0).toUpperCase() + field.slice(1);
    if (/ports$/i.test(field))
      for (const problem of portProblems(values)) findings.error(at, problem);
    findings.check(at, emptyValueProblem(name, values));
    if (/paths$/i.test(field)) findings.check(at, pathTemplateProblem(name, values));
  }
}

function validateConditions(rule: AuthorizationRule, path: ValuePath, findings: Findings): void {
  rule.when?.forEach((condition, index) => {
    const at = [...path, 'when', index];
    const { key = '', values = [], notValues = [] } = condition ?? {};
    if (key === '') {
      findings.error(at, '`key` must not be empty');
      return;
    }
    if (values.length === 0 && notValues.length === 0) {
      findings.error(at, `at least one of \`values\` or \`notValues\` must be set for key ${key}`);
      return;
    }
    const value = attributeProblems(key, values);
    if (value) findings.error(at, `invalid \`value\` for \`key\` ${key}: ${value}`);
    const notValue = attributeProblems(key, notValues);
    if (notValue) findings.error(at, `invalid \`notValue\` for \`key\` ${key}: ${notValue}`);
  });
}
