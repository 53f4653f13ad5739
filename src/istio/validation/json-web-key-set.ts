/**
 * Inline key sets (JWKS) of RequestAuthentications.
 * Spec: https://www.rfc-editor.org/rfc/rfc7517#section-5
 * Simplified: keys are told by their members; no number is read.
 */
interface JsonWebKey {
  readonly kty?: unknown;
  readonly d?: unknown;
  readonly k?: unknown;
  readonly n?: unknown;
  readonly e?: unknown;
  readonly crv?: unknown;
  readonly x?: unknown;
}

/** Members that a key of each type needs. */
const REQUIRED: Readonly<Record<string, readonly (keyof JsonWebKey)[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x'],
  OKP: ['crv', 'x'],
  oct: ['k'],
};

/** What the JWK library says; undefined when the set can be read. */
export function jwksProblem(text: string): string | undefined {
  const set = parsed(text);
  if (set === undefined) return `failed to unmarshal JWK set: ${jsonProblem(text)}`;
  if (keysOf(set) === undefined)
    return 'failed to unmarshal JWK set: failed to unmarshal key from JSON headers: invalid key type from JSON ()';
  for (const key of keysOf(set) ?? []) {
    const type = typeof key?.kty === 'string' ? key.kty : '';
    const required = REQUIRED[type];
    if (!required)
      return `failed to unmarshal JWK set: failed to unmarshal key from JSON headers: invalid key type from JSON (${type})`;
    const missing = required.find((member) => typeof key[member] !== 'string');
    if (missing !== undefined)
      return `failed to unmarshal JWK set: required field ${missing} is missing`;
  }
  return undefined;
}

/** Keys that hold more than is needed to verify. */
export function privateKeyIndexes(text: string): number[] {
  if (jwksProblem(text) !== undefined) return [];
  return (keysOf(parsed(text)) ?? []).flatMap((key, index) =>
    key.d !== undefined || key.kty === 'oct' ? [index] : [],
  );
}

/** A set, or one key on its own. */
function keysOf(value: unknown): readonly JsonWebKey[] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const keys = (value as { keys?: unknown }).keys;
  if (Array.isArray(keys)) return keys as JsonWebKey[];
  return 'kty' in value ? [value as JsonWebKey] : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The first character that cannot be JSON, in Go's words. */
function jsonProblem(text: string): string {
  const trimmed = text.trimStart();
  for (const literal of ['null', 'true', 'false']) {
    if (trimmed[0] !== literal[0]) continue;
    const at = [...literal].findIndex((character, index) => trimmed[index] !== character);
    const wrong = trimmed[at];
    if (wrong !== undefined)
      return `invalid character '${wrong}' in literal ${literal} (expecting '${literal[at]}')`;
  }
  if (trimmed === '') return 'unexpected end of JSON input';
  if (!/^[[{"\d-]/.test(trimmed))
    return `invalid character '${trimmed[0]}' looking for beginning of value`;
  return 'unexpected end of JSON input';
}
