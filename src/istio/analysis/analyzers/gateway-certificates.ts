/**
 * Certificates of Gateways: one used twice, a secret that is missing or of no use.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0138/ and ist0161/
 */
import type { GatewaySpec } from '../../kinds/gateway.ts';
import type { ServerTls } from '../../kinds/server-tls.ts';
import { isUsableCertificate } from '../certificate.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import { firstLabel, selects, selectorText } from '../label-selector.ts';
import type { Fields, Resource } from '../resource.ts';

type Gateway = Resource<GatewaySpec>;

export const gatewayCertificateAnalyzer: Analyzer = {
  name: 'gateway.CertificateAnalyzer',
  run(context) {
    const gateways = context.all('Gateway');
    for (const gateway of gateways) {
      for (const other of gateways) {
        if (other.fullName === gateway.fullName) continue;
        if (!selects(gateway.spec.selector, other.spec.selector ?? {})) continue;
        for (const pair of certificatePairs(gateway, other)) {
          if (!isSameCertificate(...pair)) continue;
          const names = [gateway.fullName, other.fullName];
          context.report('GatewayDuplicateCertificate', gateway, [names], ['metadata', 'name']);
        }
      }
    }
  },
};

export const gatewaySecretAnalyzer: Analyzer = {
  name: 'gateway.SecretAnalyzer',
  run(context) {
    for (const gateway of context.all('Gateway')) {
      const { selector, servers = [] } = gateway.spec;
      const pod = context.all('Pod').find(({ labels }) => selects(selector, labels));
      if (!pod?.namespace) {
        const path = ['spec', 'selector', firstLabel(selector) ?? ''];
        const words = ['selector', selectorText(selector)];
        context.report('ReferencedResourceNotFound', gateway, words, path);
        continue;
      }
      servers.forEach(({ tls }, index) => {
        const path = ['spec', 'servers', index, 'tls', 'credentialName'];
        if (tls?.credentialName)
          checkSecret(gateway, tls.credentialName, pod.namespace, path, context);
      });
    }
  },
};

function checkSecret(
  gateway: Gateway,
  credential: string,
  namespace: string,
  path: (string | number)[],
  context: AnalysisContext,
): void {
  const fullName = credential.includes('/') ? credential : `${namespace}/${credential}`;
  const secret = context.find('Secret', fullName);
  if (!secret)
    context.report('ReferencedResourceNotFound', gateway, ['credentialName', credential], path);
  else if (!isUsableCertificate(secretEntries(secret.object), context.nowMs))
    context.report('InvalidGatewayCredential', gateway, [gateway.name, namespace], path);
}

/** `data` holds base64, `stringData` the text itself. */
function secretEntries(secret: Fields): ReadonlyMap<string, string> {
  const data = (secret['data'] ?? {}) as Readonly<Record<string, string>>;
  const texts = (secret['stringData'] ?? {}) as Readonly<Record<string, string>>;
  const entries = new Map<string, string>();
  for (const [key, value] of Object.entries(data)) {
    const base64 = String(value).replaceAll(/\s/g, '');
    if (/^[A-Za-z0-9+/]*=*$/.test(base64) && base64.length % 4 === 0)
      entries.set(key, atob(base64));
  }
  for (const [key, value] of Object.entries(texts)) entries.set(key, value);
  return entries;
}

function certificatePairs(one: Gateway, other: Gateway): [ServerTls, ServerTls][] {
  const own = (one.spec.servers ?? []).flatMap(({ tls }) => (tls ? [tls] : []));
  const theirs = (other.spec.servers ?? []).flatMap(({ tls }) => (tls ? [tls] : []));
  return own.flatMap((tls) => theirs.map((rival): [ServerTls, ServerTls] => [tls, rival]));
}

function isSameCertificate(one: ServerTls, other: ServerTls): boolean {
  if (one.credentialName || other.credentialName)
    return Boolean(one.credentialName) && one.credentialName === other.credentialName;
  return (
    Boolean(one.serverCertificate && one.privateKey) &&
    one.serverCertificate === other.serverCertificate &&
    one.privateKey === other.privateKey
  );
}
