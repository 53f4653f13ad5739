import fc from 'fast-check';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../src/ca/certificate-authority.ts';
import { parseCertificateChain } from '../../src/ca/certificate.ts';
import { verifyChain } from '../../src/ca/chain-verification.ts';
import { parsePem, printPem } from '../../src/ca/pem.ts';
import { newKeyPair } from '../../src/ca/key-pair.ts';
import { createSigningRequest } from '../../src/ca/signing-request.ts';
import { parseSpiffeId, spiffeId } from '../../src/ca/spiffe-id.ts';
import { RandomStream } from '../../src/sim/random.ts';
import { EPOCH_MS } from '../../src/sim/time.ts';
import { sharedFolder } from '../support/shared-data.ts';

const ID = 'spiffe://cluster.local/ns/shop/sa/alice';
const DAY_MS = 86_400_000;

function authority(name: string, hasIntermediate = false): CertificateAuthority {
  return new CertificateAuthority(new RandomStream(1, name), {
    trustDomain: 'cluster.local',
    createdAtMs: EPOCH_MS,
    hasIntermediate,
  });
}

function chainOf(ca: CertificateAuthority): string {
  const key = newKeyPair(new RandomStream(1, 'key'));
  return ca.sign(createSigningRequest(key, ID), ID, EPOCH_MS)!;
}

describe('a chain', () => {
  const ours = authority('ours');
  const chain = chainOf(ours);

  it('is good from its first to its last millisecond', () => {
    expect(verifyChain(chain, ours.rootPem, EPOCH_MS)).toMatchObject({ ok: true });
    expect(verifyChain(chain, ours.rootPem, EPOCH_MS + DAY_MS)).toMatchObject({ ok: true });
  });

  it.each([
    ['certificate has expired', chain, ours.rootPem, EPOCH_MS + DAY_MS + 1, 0],
    ['certificate is not yet valid', chain, ours.rootPem, EPOCH_MS - 1, 1],
    ['unable to get local issuer certificate', chain, '', EPOCH_MS, 0],
    ['self signed certificate', ours.rootPem, authority('b').rootPem, EPOCH_MS, 0],
    ['no certificate', '', ours.rootPem, EPOCH_MS, 0],
  ])('fails with "%s"', (error, pem, roots, now, depth) => {
    expect(verifyChain(pem, roots, now)).toEqual({ ok: false, error, depth });
  });

  it('lacks an issuer when a root has the right name and another key', () => {
    expect(verifyChain(chain, authority('other').rootPem, EPOCH_MS)).toMatchObject({
      error: 'unable to get local issuer certificate',
      depth: 0,
    });
  });

  it('without its intermediate lacks an issuer', () => {
    const ca = authority('deep', true);
    const [leaf] = parseCertificateChain(chainOf(ca));
    expect(verifyChain(leaf!.pem, ca.rootPem, EPOCH_MS)).toMatchObject({
      error: 'unable to get local issuer certificate',
    });
    expect(verifyChain(leaf!.pem, ca.intermediatePem, EPOCH_MS).ok).toBe(true);
  });

  it('may be trusted by any of several roots', () => {
    const roots = authority('other').rootPem + ours.rootPem;
    expect(verifyChain(chainOf(authority('other')), roots, EPOCH_MS).ok).toBe(true);
    expect(verifyChain(chain, roots, EPOCH_MS).ok).toBe(true);
  });

  it('costs next to nothing the second time', () => {
    verifyChain(chain, ours.rootPem, EPOCH_MS);
    const start = performance.now();
    for (let i = 0; i < 10_000; i++) verifyChain(chain, ours.rootPem, EPOCH_MS + i);
    expect(performance.now() - start).toBeLessThan(100);
  });
});

describe('a SPIFFE id', () => {
  it('is read as it is written', () => {
    const identity = { trustDomain: 'td', namespace: 'n', serviceAccount: 's' };
    expect(spiffeId(identity)).toBe('spiffe://td/ns/n/sa/s');
    expect(parseSpiffeId(spiffeId(identity))).toEqual(identity);
    expect(parseSpiffeId('spiffe://td/workload')).toBeUndefined();
  });
});

describe.skipIf(spawnSync('openssl', ['version']).status !== 0)('other keys than ours', () => {
  const openssl = (folder: string, ...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

  it.each([
    ['rsa:2048', []],
    ['ec', ['-pkeyopt', 'ec_paramgen_curve:P-384', '-sha384']],
    ['ec', ['-pkeyopt', 'ec_paramgen_curve:P-256']],
  ])('%s %j verify, and do not when a byte was changed', (algorithm, options) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'meshwala-chain-'));
    const key = (name: string) => ['-nodes', '-newkey', algorithm, ...options, '-keyout', name];
    openssl(folder, 'req', '-x509', ...key('ca.key'), '-subj', '/CN=ca', '-out', 'ca.pem');
    openssl(folder, 'req', ...key('leaf.key'), '-subj', '/O=a, b/CN=leaf', '-out', 'leaf.csr');
    const hash = options.includes('-sha384') ? ['-sha384'] : [];
    const issue = ['x509', '-req', '-in', 'leaf.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', ...hash];
    openssl(folder, ...issue, '-CAcreateserial', '-out', 'leaf.pem');
    const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
    const [leaf] = parseCertificateChain(read('leaf.pem'));
    expect(leaf!.subject).toBe('CN=leaf,O=a\\, b');
    const now = leaf!.notBeforeMs;
    expect(verifyChain(leaf!.pem, read('ca.pem'), now)).toMatchObject({ ok: true });
    const bytes = parsePem(leaf!.pem)[0]!.der;
    bytes[bytes.length - 5]! ^= 1;
    expect(verifyChain(printPem('CERTIFICATE', bytes), read('ca.pem'), now)).toMatchObject({
      error: 'certificate signature failure',
    });
    fs.rmSync(folder, { recursive: true });
  });
});

describe('what is no certificate', () => {
  it('is passed over, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(parseCertificateChain(printPem('CERTIFICATE', bytes))).toEqual([]);
      }),
    );
    expect(
      parseCertificateChain('-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----'),
    ).toEqual([]);
  });

  it('is never good when a byte of a good one was changed', () => {
    const ca = authority('fuzz');
    const { der } = parsePem(chainOf(ca))[0]!;
    fc.assert(
      fc.property(
        fc.nat({ max: der.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const damaged = Uint8Array.from(der);
          damaged[at]! ^= change;
          const pem = printPem('CERTIFICATE', damaged);
          expect(verifyChain(pem, ca.rootPem, EPOCH_MS).ok).toBe(false);
        },
      ),
    );
  });
});

describe('certificates of recorded mTLS cases', () => {
  const cases = sharedFolder('oracle/envoy/cases');
  const bootstrap = (name: string) =>
    fs.readFileSync(path.join(cases!, name, 'bootstrap.yaml'), 'utf8').replace(/^ +/gm, '');

  it.skipIf(!cases)('are all read', () => {
    const folders = fs.readdirSync(cases!).filter((name) => /^(mtls|tls|xfcc)-/.test(name));
    for (const name of folders) {
      const text = bootstrap(name);
      const count = text.match(/BEGIN CERTIFICATE/g)?.length ?? 0;
      const certificates = parseCertificateChain(text);
      expect([name, certificates.length]).toEqual([name, count]);
    }
  });

  it.skipIf(!cases)('fail for the recorded reason', () => {
    const certificates = parseCertificateChain(bootstrap('mtls-expired-client'));
    const root = certificates.find(({ subject }) => subject === 'CN=mesh-ca,O=Oracle')!;
    const byName = (name: string) =>
      certificates.find(({ subject }) => subject === `CN=${name},O=Oracle`)!;
    expect(verifyChain(byName('expired').pem, root.pem, EPOCH_MS)).toEqual({
      ok: false,
      error: 'certificate has expired',
      depth: 0,
    });
    expect(verifyChain(byName('server').pem, root.pem, EPOCH_MS)).toMatchObject({
      ok: true,
      leaf: { uris: ['spiffe://cluster.local/ns/shop/sa/server'], dnsNames: ['server.test'] },
    });
  });
});
