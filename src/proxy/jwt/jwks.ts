/**
 * Models JSON web key sets and the verification of signatures by them, in plain JavaScript.
 *
 * Spec: RFC 7517, RFC 7518, RFC 8017 section 8.2.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { isPssEncoding } from './rsa-pss.ts';
import { base64UrlBytes, parseJson, type JwtError, type Token } from './token.ts';

interface Key {
  readonly kid: string;
  readonly alg: string;
  /** "RSA", "EC", "OKP", "oct". */
  readonly family: string;
  verify(algorithm: string, message: Uint8Array, signature: Uint8Array): boolean;
}

export interface Jwks {
  readonly keys: readonly Key[];
}

type Fields = Readonly<Record<string, string | undefined>>;

/** Trailing commas are forgiven, as Envoy's parser does. */
export function parseJwks(text: string): Jwks | JwtError {
  const value = parseJson(text) ?? parseJson(text.replace(/,(\s*[}\]])/g, '$1'));
  if (typeof value !== 'object' || value === null) return 'Jwks is an invalid JSON';
  const { keys } = value as { keys?: unknown };
  if (keys === undefined) return 'Jwks does not have [keys] field';
  if (!Array.isArray(keys)) return '[keys] in Jwks is not an array';
  const usable = (keys as Fields[]).map(compileKey).filter((key) => key !== undefined);
  return usable.length === 0 ? "Jwks doesn't have any valid public key" : { keys: usable };
}

export function verifyToken(token: Token, { keys }: Jwks): JwtError | undefined {
  const family = familyOf(token.alg);
  const message = new TextEncoder().encode(token.signed);
  let fitted = false;
  for (const key of keys) {
    if (token.kid !== '' && key.kid !== '' && token.kid !== key.kid) continue;
    if (key.family !== family || (key.alg !== '' && key.alg !== token.alg)) continue;
    fitted = true;
    if (key.verify(token.alg, message, token.signature)) return undefined;
  }
  return fitted ? 'Jwt verification fails' : "Jwks doesn't have key to match kid or alg from Jwt";
}

function familyOf(algorithm: string): string {
  if (algorithm === 'EdDSA') return 'OKP';
  if (algorithm.startsWith('ES')) return 'EC';
  return algorithm.startsWith('HS') ? 'oct' : 'RSA';
}

function compileKey(fields: Fields): Key | undefined {
  const common = { kid: fields['kid'] ?? '', alg: fields['alg'] ?? '' };
  switch (fields['kty']) {
    case 'RSA':
      return rsaKey(common, fields);
    case 'EC':
      return ecKey(common, fields);
    case 'OKP':
      return edKey(common, fields);
    case 'oct':
      return macKey(common, fields);
    default:
      return undefined;
  }
}

type Common = Pick<Key, 'kid' | 'alg'>;

const HASHES = { '256': sha256, '384': sha384, '512': sha512 } as const;

function hashOf(algorithm: string) {
  return HASHES[algorithm.slice(-3) as keyof typeof HASHES] ?? sha256;
}

/** DER prefixes of DigestInfo for SHA-256, SHA-384, SHA-512. */
const DIGEST_INFO: Readonly<Record<string, string>> = {
  '256': '3031300d060960864801650304020105000420',
  '384': '3041300d060960864801650304020205000430',
  '512': '3051300d060960864801650304020305000440',
};

function rsaKey(common: Common, { n, e }: Fields): Key | undefined {
  const modulusBytes = base64UrlBytes(n ?? '');
  const exponentBytes = base64UrlBytes(e ?? '');
  if (!modulusBytes?.length || !exponentBytes?.length) return undefined;
  const modulus = integerOf(modulusBytes);
  const exponent = integerOf(exponentBytes);
  const length = modulusBytes.length;
  return {
    ...common,
    family: 'RSA',
    verify(algorithm, message, signature) {
      if (signature.length !== length) return false;
      const opened = modularPower(integerOf(signature), exponent, modulus);
      if (algorithm.startsWith('PS')) {
        const bits = modulus.toString(2).length;
        return isPssEncoding(bytesOf(opened, length), bits, message, hashOf(algorithm));
      }
      const bits = algorithm.slice(-3);
      const digest = (DIGEST_INFO[bits] ?? '') + hexOf(hashOf(algorithm)(message));
      const padding = 'ff'.repeat(length - 3 - digest.length / 2);
      return opened === BigInt(`0x0001${padding}00${digest}`);
    },
  };
}

function modularPower(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

const CURVES = {
  'P-256': { curve: p256, algorithm: 'ES256', length: 32 },
  'P-384': { curve: p384, algorithm: 'ES384', length: 48 },
  'P-521': { curve: p521, algorithm: 'ES512', length: 66 },
} as const;

function ecKey(common: Common, { crv, x, y }: Fields): Key | undefined {
  const known = CURVES[(crv ?? 'P-256') as keyof typeof CURVES];
  const xBytes = base64UrlBytes(x ?? '');
  const yBytes = base64UrlBytes(y ?? '');
  if (!known || !xBytes?.length || !yBytes?.length) return undefined;
  const { curve, algorithm: own, length } = known;
  // Some key sets leave a coordinate's leading zeros out.
  const coordinate = (bytes: Uint8Array): Uint8Array => bytesOf(integerOf(bytes), length);
  const point = new Uint8Array([4, ...coordinate(xBytes), ...coordinate(yBytes)]);
  return {
    ...common,
    family: 'EC',
    verify: (algorithm, message, signature) =>
      algorithm === own &&
      attempt(() =>
        curve.verify(signature, hashOf(algorithm)(message), point, { prehash: false, lowS: false }),
      ),
  };
}

function edKey(common: Common, { crv, x }: Fields): Key | undefined {
  const point = base64UrlBytes(x ?? '');
  if (crv !== 'Ed25519' || !point?.length) return undefined;
  return {
    ...common,
    family: 'OKP',
    verify: (_algorithm, message, signature) =>
      attempt(() => ed25519.verify(signature, message, point)),
  };
}

function macKey(common: Common, { k }: Fields): Key | undefined {
  const secret = base64UrlBytes(k ?? '');
  if (!secret?.length) return undefined;
  return {
    ...common,
    family: 'oct',
    verify: (algorithm, message, signature) =>
      hexOf(hmac(hashOf(algorithm), secret, message)) === hexOf(signature),
  };
}

/** The library throws on points and signatures of a wrong form: those do not verify. */
function attempt(verify: () => boolean): boolean {
  try {
    return verify();
  } catch {
    return false;
  }
}

function integerOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${hexOf(bytes) || '0'}`);
}

function bytesOf(integer: bigint, length: number): Uint8Array {
  const hex = integer.toString(16).padStart(2 * length, '0');
  return Uint8Array.from({ length }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
