import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseJwks, verifyToken, type Jwks } from '../../../src/proxy/jwt/jwks.ts';
import { isPssEncoding } from '../../../src/proxy/jwt/rsa-pss.ts';
import {
  normalAudience,
  parseToken,
  timeProblem,
  type Token,
} from '../../../src/proxy/jwt/token.ts';
import { sharedFolder } from '../../support/shared-data.ts';

type Constants = Record<string, Record<string, { value: string; decoded?: { payload: object } }>>;

const file = sharedFolder('conformance/envoy/jwt/jwt_constants.json');
const constants = JSON.parse(file ? fs.readFileSync(file, 'utf8') : '{}') as Constants;

const ENVOY = 'envoy:test/extensions/filters/http/jwt_authn/test_common.h';
const LIBRARY = 'google/jwt_verify_lib:test/verify_';

const FAILS = 'Jwt verification fails';
const NO_KEY = "Jwks doesn't have key to match kid or alg from Jwt";

/** Tokens whose names say that they do not verify, and those that have a key of another set. */
const REFUSED: Readonly<Record<string, string>> = {
  // Refused earlier by Envoy's own tests, for their audience and time: their key is nowhere.
  NonExpiringToken: FAILS,
  NotYetValidToken: FAILS,
  NonExistKidToken: FAILS,
  JwtTextWithIncorrectKid: FAILS,
  JwtTextWithNonExistKid: NO_KEY,
  JwtTextWithNonExistKidEC: NO_KEY,
  JwtTextWithNonExistentKid: NO_KEY,
  JwtJWKEd25519NonExistKid: NO_KEY,
  JwtJWKEd25519WrongSignature: FAILS,
};

/** Pairs of a key set and the tokens that were made for it. */
const PAIRS: readonly (readonly [folder: string, keys: string, tokens: RegExp])[] = [
  [ENVOY, 'PublicKey', /^(?!ES256)/],
  [ENVOY, 'ES256PublicKey', /^ES256/],
  [`${LIBRARY}audiences_test.cc`, 'PublicKeyRSA', /^/],
  [`${LIBRARY}jwk_ec_test.cc`, 'PublicKeyJwkEC', /^/],
  [`${LIBRARY}jwk_hmac_test.cc`, 'SymmetricKeyHMAC', /^/],
  [`${LIBRARY}jwk_okp_test.cc`, 'PublicKeyJwkOKP', /^/],
  [`${LIBRARY}jwk_rsa_pss_test.cc`, 'PublicKeyRSAPSS', /^Ps/],
  [`${LIBRARY}jwk_rsa_pss_test.cc`, 'JwtIoPublicKeyRSAPSS', /^JwtText/],
  [`${LIBRARY}jwk_rsa_test.cc`, 'PublicKeyRSA', /^/],
];

const cases = PAIRS.flatMap(([folder, keys, pattern]) =>
  Object.entries(constants[folder] ?? {})
    .filter(([name, { decoded }]) => decoded && pattern.test(name))
    .map(([name, { value }]) => [name, keys, folder, value] as const),
);

function token(text: string): Token {
  const parsed = parseToken(text);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

function keySet(folder: string, name: string): Jwks {
  const parsed = parseJwks(constants[folder]![name]!.value);
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

describe.skipIf(!file)("Envoy's own tokens", () => {
  test.each(cases)('%s by %s of %s', (name, keys, folder, text) => {
    expect(verifyToken(token(text), keySet(folder, keys))).toBe(REFUSED[name]);
  });

  test('a signature with one letter changed verifies no more', () => {
    for (const [name, keys, folder, text] of cases) {
      if (name in REFUSED) continue;
      const [head, payload, signature = ''] = text.split('.');
      const changed = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
      const broken = token([head, payload, changed].join('.'));
      expect([name, verifyToken(broken, keySet(folder, keys))]).toEqual([name, FAILS]);
    }
  });

  test('read as they were written', () => {
    for (const group of Object.values(constants))
      for (const [name, { value, decoded }] of Object.entries(group)) {
        // One token ends in text that is no signature; 2^63 − 1 is more than a number holds.
        if (!decoded || name === 'kTokenNoKid' || name === 'NotYetValidToken') continue;
        expect(token(value).payload).toEqual(decoded.payload);
      }
  });

  test('are in time from a minute before to a minute after', () => {
    // nbf 1605050800, exp 1605052800.
    const limited = token(
      constants['google/jwt_verify_lib:test/jwt_time_test.cc']!['JwtText']!.value,
    );
    expect(timeProblem(limited, 1_605_050_800 - 61)).toBe('Jwt not yet valid');
    expect(timeProblem(limited, 1_605_050_800 - 60)).toBeUndefined();
    expect(timeProblem(limited, 1_605_052_800 + 60)).toBeUndefined();
    expect(timeProblem(limited, 1_605_052_800 + 61)).toBe('Jwt is expired');
  });

  test('a key set without one good key is refused', () => {
    const { value } = constants['google/jwt_verify_lib:test/jwks_test.cc']!['BadPublicKeyRSA']!;
    expect(parseJwks(value)).toBe("Jwks doesn't have any valid public key");
  });
});

test('scheme and trailing slash of an audience do not count', () => {
  for (const audience of ['http://a.b', 'https://a.b/', 'a.b/'])
    expect(normalAudience(audience)).toBe('a.b');
});

test('a block without its trailer is no PSS encoding', () => {
  const hash = () => new Uint8Array(32);
  expect(isPssEncoding(new Uint8Array(256), 2048, new Uint8Array(), hash)).toBe(false);
});
