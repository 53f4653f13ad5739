/** Models whom a certificate names. Spec: RFC 5280 section 4.2.1.6, SPIFFE X.509-SVID section 2. */
import { parseCertificateChain, type CertificateInfo } from '../../ca/certificate.ts';

/** The leaf of a PEM chain; undefined when there is none. */
export function leafOf(chainPem: string): CertificateInfo | undefined {
  return chainPem === '' ? undefined : parseCertificateChain(chainPem)[0];
}

/** SPIFFE id, else DNS name, else subject. */
export function identityOf(certificate: CertificateInfo | undefined): string {
  return certificate ? (certificate.uris[0] ?? certificate.dnsNames[0] ?? certificate.subject) : '';
}

/** All names, in the order in which Envoy lists them. */
export function namesOf({ uris, dnsNames, ips, emails }: CertificateInfo): string[] {
  return [...uris, ...dnsNames, ...ips, ...emails];
}

/** Does a name of a certificate, perhaps "*.example.com", cover a host name? */
export function coversDnsName(pattern: string, name: string): boolean {
  const lower = pattern.toLowerCase();
  const wanted = name.toLowerCase();
  if (lower === wanted) return true;
  if (!lower.startsWith('*.')) return false;
  const dot = wanted.indexOf('.');
  return dot > 0 && wanted.slice(dot) === lower.slice(1);
}
