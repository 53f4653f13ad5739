import { describe, expect, it } from 'vitest';
import { isUsableCertificate } from '../../../src/istio/analysis/certificate.ts';

/** A certificate as far as its dates: tbsCertificate { version, serial, algorithm, issuer, validity }. */
function certificate(from: string, to: string): string {
  const der = (tag: number, ...content: number[]) => [tag, content.length, ...content];
  const time = (text: string) =>
    der(text.length === 13 ? 0x17 : 0x18, ...[...text].map((one) => one.charCodeAt(0)));
  const validity = der(0x30, ...time(from), ...time(to));
  const fields = [der(0xa0, 2, 1, 2), der(0x02, 1), der(0x30), der(0x30), validity].flat();
  const bytes = der(0x30, ...der(0x30, ...fields));
  const base64 = btoa(String.fromCharCode(...bytes));
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

const secret = (text: string) =>
  new Map([
    ['tls.crt', text],
    ['tls.key', 'key'],
  ]);

describe('certificates of gateways', () => {
  const valid = secret(certificate('240229120000Z', '20491231235959Z'));

  it('hold between their dates, leap days included', () => {
    expect(isUsableCertificate(valid, Date.UTC(2024, 1, 29, 12))).toBe(true);
    expect(isUsableCertificate(valid, Date.UTC(2024, 1, 29, 11, 59, 59))).toBe(false);
    expect(isUsableCertificate(valid, Date.UTC(2049, 11, 31, 23, 59, 59))).toBe(true);
    expect(isUsableCertificate(valid, Date.UTC(2050, 0, 1))).toBe(false);
  });

  it('are not held to the clock without one', () => {
    expect(
      isUsableCertificate(secret(certificate('000101000000Z', '010101000000Z')), undefined),
    ).toBe(true);
  });

  it('must be there, readable, and have a key', () => {
    expect(isUsableCertificate(new Map([['tls.crt', 'x']]), undefined)).toBe(false);
    expect(isUsableCertificate(secret('x'), undefined)).toBe(false);
    expect(isUsableCertificate(new Map(), undefined)).toBe(false);
  });
});
