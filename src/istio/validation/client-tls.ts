/**
 * TLS of the client side.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { ClientTls } from '../kinds/traffic-policy.ts';
import type { Findings } from './findings.ts';
import { quoted } from './go-format.ts';

const CONFIG_MAP = 'configmap://';

export function validateClientTls(
  tls: ClientTls | undefined | null,
  path: ValuePath,
  findings: Findings,
  namespace: string,
): void {
  if (!tls) return;
  if (tls.credentialName?.startsWith(CONFIG_MAP))
    findings.check([...path, 'credentialName'], configMapProblem(tls.credentialName, namespace));
  if (tls.insecureSkipVerify) findings.check(path, skipVerifyProblem(tls));
  const remote = (tls.mode === 'SIMPLE' || tls.mode === 'MUTUAL') && tls.credentialName;
  if (remote) {
    if (tls.clientCertificate || tls.caCertificates || tls.privateKey || tls.caCrl)
      findings.error(
        path,
        'cannot specify client certificates or CA certificate or CA CRL If credentialName is set',
      );
  } else if (tls.mode === 'MUTUAL') {
    if (!tls.clientCertificate) findings.error(path, 'client certificate required for mutual tls');
    if (!tls.privateKey) findings.error(path, 'private key required for mutual tls');
  }
}

function skipVerifyProblem(tls: ClientTls): string | undefined {
  if (tls.mode === 'SIMPLE' && (tls.caCertificates || tls.credentialName || tls.subjectAltNames))
    return 'cannot specify CaCertificates or CredentialName or SubjectAltNames when InsecureSkipVerify is set true';
  if (tls.mode === 'MUTUAL' && (tls.caCertificates || tls.subjectAltNames))
    return 'cannot specify CaCertificates or SubjectAltNames when InsecureSkipVerify is set true';
  return undefined;
}

function configMapProblem(credentialName: string, namespace: string): string | undefined {
  const rest = credentialName.slice(CONFIG_MAP.length);
  const [owner = '', name] = rest.includes('/') ? rest.split('/') : [namespace, rest];
  const words = 'invalid configmap:// credentialName:';
  if (!name || owner === '')
    return `${words} invalid resource name ${quoted(credentialName)}. Expected namespace and name`;
  if (owner === namespace && namespace !== '') return undefined;
  return `${words} namespace must match the configuration namespace ${quoted(namespace)}`;
}
