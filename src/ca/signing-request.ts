/**
 * Models certificate signing requests: a workload proves that it has a key and asks for a name.
 *
 * Spec: RFC 2986 (PKCS #10); the name is asked for as a subjectAltName, the subject stays empty.
 */
import { DerError, readValue } from './der-reader.ts';
import * as der from './der-writer.ts';
import { isValid } from './ecdsa.ts';
import { distinguishedName } from './certificate-writer.ts';
import { subjectAltUri } from './extensions.ts';
import { publicKeyInfo, signed, type KeyPair } from './key-pair.ts';
import { OID } from './object-identifiers.ts';
import { parsePem, printPem } from './pem.ts';
import { namesOf } from './subject-alt-names.ts';

const VERSION_1 = Uint8Array.of(0);

export interface SigningRequest {
  /** The uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array;
  readonly uris: readonly string[];
}

export function createSigningRequest(key: KeyPair, uri: string): string {
  const extensions = der.sequence(subjectAltUri(uri, true));
  const attribute = der.sequence(der.objectIdentifier(OID.extensionRequest), der.set(extensions));
  const body = der.sequence(
    der.integer(VERSION_1),
    distinguishedName(),
    publicKeyInfo(key.publicKey),
    der.explicit(0, attribute),
  );
  return printPem('CERTIFICATE REQUEST', signed(body, key));
}

/** Reads a request and checks its signature; undefined when it is none or not signed by its key. */
export function parseSigningRequest(pem: string): SigningRequest | undefined {
  const block = parsePem(pem).find(({ label }) => label === 'CERTIFICATE REQUEST');
  if (!block) return undefined;
  try {
    const [body, , signature] = readValue(block.der).children();
    if (!body || !signature) return undefined;
    const publicKey = body.child(2).child(1).bits();
    if (!isValid(body.raw, signature.bits(), publicKey)) return undefined;
    const extensions = body.child(3).child(0).child(1).child(0).children();
    return { publicKey, uris: extensions.flatMap((one) => namesOf(one).uris) };
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}
