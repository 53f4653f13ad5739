/** Models `istioctl proxy-config secrets`. Spec: istioctl 1.30, writer/envoy/configdump. */
import { parseCertificateChain } from '../../../ca/certificate.ts';
import { isoOfEpochMs } from '../../../sim/time.ts';
import type { Secret } from '../../../xds/resources/secret.ts';
import { alignColumns } from '../table.ts';

const HEADER = [
  'RESOURCE NAME',
  'TYPE',
  'STATUS',
  'VALID CERT',
  'SERIAL NUMBER',
  'NOT AFTER',
  'NOT BEFORE',
];

export function secretsTable(secrets: readonly Secret[]): string {
  const rows = secrets.map((secret) => {
    const isRoot = secret.validation_context !== undefined;
    const pem =
      secret.tls_certificate?.certificate_chain?.inline_string ??
      secret.validation_context?.trusted_ca?.inline_string ??
      '';
    const certificate = pem === '' ? undefined : parseCertificateChain(pem)[0];
    const type = isRoot ? 'CA' : 'Cert Chain';
    if (!certificate) return [secret.name ?? '', type, 'WARMING', 'false', '', '', ''];
    const date = (ms: number) => isoOfEpochMs(ms).replace(/\.\d+Z$/, 'Z');
    return [
      secret.name ?? '',
      type,
      'ACTIVE',
      'true',
      certificate.serialNumber,
      date(certificate.notAfterMs),
      date(certificate.notBeforeMs),
    ];
  });
  return alignColumns([HEADER, ...rows], 5);
}
