import '../support/reflect-metadata.ts';
import { X509Certificate, X509ChainBuilder } from '@peculiar/x509';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../src/ca/certificate-authority.ts';
import { parseCertificateChain } from '../../src/ca/certificate.ts';
import { verifyChain } from '../../src/ca/chain-verification.ts';
import { newKeyPair } from '../../src/ca/key-pair.ts';
import { createSigningRequest, parseSigningRequest } from '../../src/ca/signing-request.ts';
import { RandomStream } from '../../src/sim/random.ts';
import { EPOCH_MS } from '../../src/sim/time.ts';

const ALICE = 'spiffe://cluster.local/ns/shop/sa/alice';
const DAY_MS = 86_400_000;

function authority(seed = 1, hasIntermediate = false): CertificateAuthority {
  return new CertificateAuthority(new RandomStream(seed, 'ca'), {
    trustDomain: 'cluster.local',
    createdAtMs: EPOCH_MS,
    hasIntermediate,
  });
}

function issue(ca: CertificateAuthority, seed = 1, identity = ALICE) {
  const key = newKeyPair(new RandomStream(seed, 'key'));
  const chain = ca.sign(createSigningRequest(key, identity), identity, EPOCH_MS)!;
  return { key, chain };
}

describe("a workload's certificate", () => {
  it('names the workload in a critical URI and has an empty subject', () => {
    const { chain } = issue(authority());
    const [leaf] = parseCertificateChain(chain);
    expect(leaf).toMatchObject({
      subject: '',
      issuer: 'O=cluster.local',
      uris: [ALICE],
      dnsNames: [],
      isAuthority: false,
      notBeforeMs: EPOCH_MS - 120_000,
      notAfterMs: EPOCH_MS + DAY_MS,
    });
  });

  it('is the same for the same seed and another for another', () => {
    expect(issue(authority(5), 5)).toEqual(issue(authority(5), 5));
    expect(issue(authority(5), 5).chain).not.toEqual(issue(authority(6), 5).chain);
  });

  it('is not issued for a name that the request does not ask for', () => {
    const key = newKeyPair(new RandomStream(1, 'key'));
    const request = createSigningRequest(key, ALICE);
    expect(authority().sign(request, `${ALICE}2`, EPOCH_MS)).toBeUndefined();
  });

  it('is not issued for a request that somebody has altered', () => {
    const key = newKeyPair(new RandomStream(1, 'key'));
    const lines = createSigningRequest(key, ALICE).split('\n');
    lines[3] = lines[3]!.replace(/./g, (char) => (char === 'A' ? 'B' : char === 'B' ? 'A' : char));
    expect(parseSigningRequest(lines.join('\n'))).toBeUndefined();
  });

  it('is followed by the intermediate when there is one', () => {
    const ca = authority(1, true);
    const { chain } = issue(ca);
    expect(parseCertificateChain(chain).map(({ subject }) => subject)).toEqual([
      '',
      'CN=Intermediate CA,O=cluster.local',
    ]);
    expect(verifyChain(chain, ca.rootPem, EPOCH_MS).ok).toBe(true);
  });
});

describe('other readers', () => {
  it('@peculiar/x509 reads names, times and the chain', async () => {
    const ca = authority(1, true);
    const { chain } = issue(ca);
    const [leaf, intermediate] = parseCertificateChain(chain).map(
      ({ pem }) => new X509Certificate(pem),
    );
    const root = new X509Certificate(ca.rootPem);
    expect(leaf!.subject).toBe('');
    expect(leaf!.notAfter.getTime()).toBe(EPOCH_MS + DAY_MS);
    const date = new Date(EPOCH_MS + 1);
    expect(await leaf!.verify({ publicKey: intermediate!.publicKey, date })).toBe(true);
    const builder = new X509ChainBuilder({ certificates: [intermediate!, root] });
    expect((await builder.build(leaf!)).length).toBe(3);
  });

  it.skipIf(spawnSync('openssl', ['version']).status !== 0)(
    'openssl accepts chain, key and request',
    () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'meshwala-ca-'));
      const file = (name: string, text: string) => {
        fs.writeFileSync(path.join(folder, name), text);
        return path.join(folder, name);
      };
      const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8' });
      const ca = authority(1, true);
      const { chain, key } = issue(ca);
      const root = file('root.pem', ca.rootPem);
      const intermediate = file('intermediate.pem', ca.intermediatePem);
      const leaf = file('leaf.pem', chain);
      const at = String(EPOCH_MS / 1000 + 60);
      const verify = ['verify', '-x509_strict', '-attime', at, '-CAfile', root];
      expect(openssl(...verify, '-untrusted', intermediate, leaf)).toContain('OK');
      const text = openssl('x509', '-noout', '-text', '-in', leaf);
      expect(text).toMatch(/Subject Alternative Name: critical\s+URI:spiffe:\/\/cluster.local/);
      const keyFile = file('key.pem', key.privateKeyPem);
      expect(openssl('pkey', '-in', keyFile, '-pubout')).toBe(
        openssl('x509', '-in', leaf, '-noout', '-pubkey'),
      );
      const request = file('request.pem', createSigningRequest(key, ALICE));
      expect(spawnSync('openssl', ['req', '-verify', '-noout', '-in', request]).status).toBe(0);
      fs.rmSync(folder, { recursive: true });
    },
  );
});
