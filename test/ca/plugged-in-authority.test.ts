import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from '../../src/ca/certificate-authority.ts';
import { parseCertificateChain } from '../../src/ca/certificate.ts';
import { verifyChain } from '../../src/ca/chain-verification.ts';
import { newKeyPair } from '../../src/ca/key-pair.ts';
import { readPluggedInAuthority, type PluggedInResult } from '../../src/ca/plugged-in-authority.ts';
import { parsePrivateKey } from '../../src/ca/private-key.ts';
import { createSigningRequest } from '../../src/ca/signing-request.ts';
import { RandomStream } from '../../src/sim/random.ts';
import { EPOCH_MS } from '../../src/sim/time.ts';

const ALICE = 'spiffe://cluster.local/ns/shop/sa/alice';
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A root and an intermediate as an operator makes them with openssl. */
function operatorFiles(keyForm: 'SEC 1' | 'PKCS #8') {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'meshwala-cacerts-'));
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout'];
  openssl('req', '-x509', ...key, 'root.key', '-subj', '/O=Bank/CN=Root', '-out', 'root.pem');
  openssl('req', ...key, 'ca.key', '-subj', '/O=Bank/CN=Mesh', '-out', 'ca.csr');
  fs.writeFileSync(
    path.join(folder, 'ca.ext'),
    'basicConstraints=critical,CA:true\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n',
  );
  const issuer = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial'];
  openssl('x509', '-req', '-in', 'ca.csr', ...issuer, '-extfile', 'ca.ext', '-out', 'ca.pem');
  if (keyForm === 'SEC 1') openssl('ec', '-in', 'ca.key', '-out', 'ca.key');
  const files = {
    'ca-cert.pem': read('ca.pem'),
    'ca-key.pem': read('ca.key'),
    'cert-chain.pem': read('ca.pem'),
    'root-cert.pem': read('root.pem'),
  };
  fs.rmSync(folder, { recursive: true });
  return files;
}

const nowMs = (files: Record<string, string>) =>
  parseCertificateChain(files['ca-cert.pem']!)[0]!.notBeforeMs + 1000;

const problemOf = (result: PluggedInResult) => (result.ok ? undefined : result.problem);

describe.skipIf(!hasOpenssl)("an operator's authority", () => {
  it.each(['SEC 1', 'PKCS #8'] as const)('signs with its key (%s) up to its root', (form) => {
    const files = operatorFiles(form);
    const now = nowMs(files);
    const read = readPluggedInAuthority(files, now);
    if (!read.ok) throw new Error(read.problem);
    const ca = new CertificateAuthority(new RandomStream(1, 'ca'), {
      trustDomain: 'cluster.local',
      createdAtMs: now,
      pluggedIn: read.authority,
    });
    const request = createSigningRequest(newKeyPair(new RandomStream(1, 'key')), ALICE);
    const chain = ca.sign(request, ALICE, now)!;
    expect(ca.rootPem).toBe(files['root-cert.pem']);
    expect(parseCertificateChain(chain).map(({ issuer }) => issuer)).toEqual([
      'CN=Mesh,O=Bank',
      'CN=Root,O=Bank',
    ]);
    expect(verifyChain(chain, ca.rootPem, now)).toMatchObject({ ok: true });
  });

  it('is refused with the reason when its files do not belong together', () => {
    const files = operatorFiles('PKCS #8');
    const now = nowMs(files);
    const without = (name: string, text = '') =>
      problemOf(readPluggedInAuthority({ ...files, [name]: text }, now));
    const other = newKeyPair(new RandomStream(2, 'key')).privateKeyPem;
    expect(without('ca-cert.pem')).toBe('failed to parse cert PEM: ca-cert.pem');
    expect(without('ca-key.pem')).toBe('failed to parse private key PEM: ca-key.pem');
    expect(without('ca-key.pem', other)).toBe('the cert and key do not match');
    expect(without('root-cert.pem')).toBe(
      'cannot verify the cert with the provided root chain: unable to get local issuer certificate',
    );
    expect(without('cert-chain.pem')).toBeUndefined();
  });
});

describe('a private key', () => {
  it('is read as it is written', () => {
    const key = newKeyPair(new RandomStream(1, 'key'));
    expect(parsePrivateKey(key.privateKeyPem)).toEqual(key);
    expect(parsePrivateKey('no key')).toBeUndefined();
  });
});

describe('the record of issued certificates', () => {
  const ca = new CertificateAuthority(new RandomStream(1, 'ca'), {
    trustDomain: 'cluster.local',
    createdAtMs: EPOCH_MS,
  });
  const request = createSigningRequest(newKeyPair(new RandomStream(1, 'key')), ALICE);

  it('tells serial number, name, validity and who asked', () => {
    const [leaf] = parseCertificateChain(ca.sign(request, ALICE, EPOCH_MS, 60_000, 'pod.shop')!);
    expect(ca.issued).toEqual([
      {
        serialNumber: leaf!.serialNumber,
        identity: ALICE,
        notBeforeMs: EPOCH_MS - 120_000,
        notAfterMs: EPOCH_MS + 60_000,
        requestedBy: 'pod.shop',
      },
    ]);
  });

  it('has no line for what was refused, or for what came while the authority was down', () => {
    ca.sign(request, `${ALICE}2`, EPOCH_MS);
    ca.isDown = true;
    expect(ca.sign(request, ALICE, EPOCH_MS)).toBeUndefined();
    expect(ca.issued).toHaveLength(1);
  });
});
