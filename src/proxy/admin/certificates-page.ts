/**
 * Models GET /certs: the certificates that SDS gave, with what they are valid for.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/certs.proto
 * Simplified: one entry for each secret with a certificate, and the trusted authorities beside each;
 * Envoy has an entry for each TLS context. Certificates that stand in a context itself are left out.
 */
import { parseCertificateChain, type CertificateInfo } from '../../ca/certificate.ts';
import { isoOfEpochMs, wallClockMs, type Micros } from '../../sim/time.ts';
import { dataSourceText } from '../config/data-source.ts';
import { jsonPage, withoutDefaults, type AdminPage } from './admin-page.ts';

const DAY_MS = 86_400_000;

export const certificatesPage: AdminPage = ({ secrets, stats }) => {
  const { now } = stats.clock;
  const known = secrets.names().flatMap((name) => secrets.get(name) ?? []);
  const authorities = known
    .flatMap(({ validationContext }) =>
      parseCertificateChain(dataSourceText(validationContext?.message('trusted_ca'))),
    )
    .map((certificate) => details(certificate, now));
  const certificates = known
    .filter(({ certificateChain }) => certificateChain !== '')
    .map(({ certificateChain }) => {
      const chain = parseCertificateChain(certificateChain).slice(0, 1);
      const own = chain.map((certificate) => details(certificate, now));
      return withoutDefaults({ ca_cert: authorities, cert_chain: own });
    });
  return jsonPage({ certificates });
};

function details(certificate: CertificateInfo, now: Micros): object {
  const leftMs = certificate.notAfterMs - wallClockMs(now);
  return withoutDefaults({
    path: '<inline>',
    serial_number: certificate.serialNumber,
    subject_alt_names: [
      ...certificate.dnsNames.map((dns) => ({ dns })),
      ...certificate.uris.map((uri) => ({ uri })),
      ...certificate.ips.map((ip) => ({ ip_address: ip })),
    ],
    days_until_expiration: String(Math.max(0, Math.floor(leftMs / DAY_MS))),
    valid_from: seconds(certificate.notBeforeMs),
    expiration_time: seconds(certificate.notAfterMs),
  });
}

function seconds(epochMs: number): string {
  return `${isoOfEpochMs(epochMs).slice(0, 19)}Z`;
}
