/**
 * AuthorizationPolicy's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */
import type { AuthorizationSource } from '../kinds/authorization-policy.ts';
import { attachmentFields, oneAttachment } from './policy-attachment.ts';
import { list, object, oneOf, string, strings, text } from './schema-node.ts';
import { rule } from './validation-rule.ts';

const RULES_MAX = 512;
const serviceAccounts = list(text({ lengthMax: 320 }), { itemsMax: 16 });

const accountsStandAlone = rule<AuthorizationSource>(
  '(has(self.serviceAccounts) || has(self.notServiceAccounts)) ? (!has(self.principals) &&\n!has(self.notPrincipals) && !has(self.namespaces) && !has(self.notNamespaces)) : true',
  'Cannot set serviceAccounts with namespaces or principals',
  (self) =>
    (self.serviceAccounts === undefined && self.notServiceAccounts === undefined) ||
    [self.principals, self.notPrincipals, self.namespaces, self.notNamespaces].every(
      (field) => field === undefined,
    ),
);

const source = object(
  {
    ipBlocks: strings,
    namespaces: strings,
    notIpBlocks: strings,
    notNamespaces: strings,
    notPrincipals: strings,
    notRemoteIpBlocks: strings,
    notRequestPrincipals: strings,
    notServiceAccounts: serviceAccounts,
    notTrustDomains: strings,
    principals: strings,
    remoteIpBlocks: strings,
    requestPrincipals: strings,
    serviceAccounts,
    trustDomains: strings,
  },
  { rules: [accountsStandAlone] },
);

const operation = object({
  hosts: strings,
  methods: strings,
  notHosts: strings,
  notMethods: strings,
  notPaths: strings,
  notPorts: strings,
  paths: strings,
  ports: strings,
});

const condition = object(
  { key: string, notValues: strings, values: strings },
  { required: ['key'] },
);

export const authorizationPolicy = object(
  {
    ...attachmentFields,
    action: oneOf('ALLOW', 'DENY', 'AUDIT', 'CUSTOM'),
    provider: object({ name: string }),
    rules: list(
      object({
        from: list(object({ source }), { itemsMax: RULES_MAX }),
        to: list(object({ operation })),
        when: list(condition),
      }),
      { itemsMax: RULES_MAX },
    ),
  },
  { exclusive: [['provider']], rules: [oneAttachment] },
);
