/**
 * TLS that a gateway or sidecar terminates.
 * Spec: https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { ServerTls, ServerTlsMode } from '../kinds/server-tls.ts';
import type { Findings } from './findings.ts';
import { goList } from './go-format.ts';

/** Ciphers that Envoy's TLS library knows. */
const CIPHER_SUITES: ReadonlySet<string> = new Set([
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
]);
const CERTIFICATES_MAX = 2;

export function validateServerTls(
  tls: ServerTls | undefined | null,
  path: ValuePath,
  findings: Findings,
): void {
  if (!tls) return;
  const mode = tls.mode ?? 'PASSTHROUGH';
  warnCiphers(tls, path, findings);
  if (mode === 'ISTIO_MUTUAL') {
    forbidCertificates(tls, path, findings);
    return;
  }
  if ((mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') && hasCertificate(tls))
    findings.warn(path, `${mode} mode does not use certificates, they will be ignored`);
  if (certificateSources(tls) > 1)
    findings.error(
      path,
      'only one of credential_name, credential_names, server_certificate/private_key, tls_certificates should be specified',
    );
  const terminates = mode === 'SIMPLE' || mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL';
  if (terminates) {
    // credentials come from the control plane: nothing else is needed
    if (tls.credentialName || tls.credentialNames?.length) return;
    requireCertificates(tls, mode, path, findings);
  }
  if (!tls.caCrl) return;
  if (tls.credentialName)
    findings.error(
      [...path, 'caCrl'],
      'CRL is not supported with credentialName. CRL has to be specified in the credential',
    );
  if (mode === 'SIMPLE') findings.error([...path, 'caCrl'], 'CRL is not supported with SIMPLE TLS');
}

function warnCiphers(tls: ServerTls, path: ValuePath, findings: Findings): void {
  const suites = tls.cipherSuites ?? [];
  const oldVersion = tls.minProtocolVersion === 'TLSV1_0' || tls.minProtocolVersion === 'TLSV1_1';
  if (oldVersion && suites.length === 0)
    findings.warn(
      [...path, 'minProtocolVersion'],
      'TLS version below TLSV1_2 require setting compatible ciphers as by default they no longer include compatible ciphers.',
    );
  const at = [...path, 'cipherSuites'];
  const invalid = suites.filter((suite) => !isCipherSuite(suite));
  if (invalid.length > 0)
    findings.warn(at, `ignoring invalid cipher suites: ${goList(sortedSet(invalid))}`);
  const duplicate = suites.filter(
    (suite, index) => isCipherSuite(suite) && suites.indexOf(suite) < index,
  );
  if (duplicate.length > 0)
    findings.warn(at, `ignoring duplicate cipher suites: ${goList(sortedSet(duplicate))}`);
}

/** Expressions with operators ("-ALL", "+AES") pass unread. */
function isCipherSuite(suite: string): boolean {
  return (
    suite === '' || suite === 'ALL' || !/^[\p{L}\p{N}]/u.test(suite) || CIPHER_SUITES.has(suite)
  );
}

function forbidCertificates(tls: ServerTls, path: ValuePath, findings: Findings): void {
  const forbidden: [keyof ServerTls, string][] = [
    ['serverCertificate', 'server certificate'],
    ['privateKey', 'private key'],
    ['caCertificates', 'CA bundle'],
    ['tlsCertificates', 'tlsCertificates'],
    ['credentialName', 'credentialName'],
    ['credentialNames', 'credentialNames'],
  ];
  for (const [field, words] of forbidden) {
    const value = tls[field] as string | readonly unknown[] | undefined;
    if (value?.length)
      findings.error([...path, field], `ISTIO_MUTUAL TLS cannot have associated ${words}`);
  }
}

function hasCertificate(tls: ServerTls): boolean {
  return Boolean(
    tls.caCrl ||
    tls.serverCertificate ||
    tls.privateKey ||
    tls.caCertificates ||
    tls.tlsCertificates?.length ||
    tls.credentialName ||
    tls.credentialNames?.length,
  );
}

function certificateSources(tls: ServerTls): number {
  return [
    tls.serverCertificate && tls.privateKey,
    tls.credentialName,
    tls.credentialNames?.length,
    tls.tlsCertificates?.length,
  ].filter(Boolean).length;
}

function requireCertificates(
  tls: ServerTls,
  mode: ServerTlsMode,
  path: ValuePath,
  findings: Findings,
): void {
  const words = mode === 'SIMPLE' ? 'SIMPLE TLS' : 'MUTUAL TLS';
  if (mode !== 'SIMPLE' && !tls.caCertificates)
    findings.error(path, `${words} requires a client CA bundle`);
  if ((tls.tlsCertificates?.length ?? 0) > CERTIFICATES_MAX)
    findings.warn(
      [...path, 'tlsCertificates'],
      `${words} can support up to ${CERTIFICATES_MAX} server certificates`,
    );
  for (const certificate of tls.tlsCertificates?.length ? tls.tlsCertificates : [tls]) {
    if (!certificate.serverCertificate)
      findings.error(path, `${words} requires a server certificate`);
    if (!certificate.privateKey) findings.error(path, `${words} requires a private key`);
  }
}

function sortedSet(items: readonly string[]): string[] {
  return [...new Set(items)].sort();
}
