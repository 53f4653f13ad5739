/**
 * Models how Kubernetes reads a plain YAML scalar: the YAML 1.1 words and numbers of go-yaml v2.
 *
 * `y`, `yes` and `on` are true, `017` is fifteen, a date stays text.
 *
 * Spec: https://yaml.org/type/ as sigs.k8s.io/yaml implements it (goyaml.v2/resolve.go).
 * Simplified: integers beyond 2^53 lose their last digits.
 */

export type ScalarValue = string | number | boolean | null;

const WORDS = new Map<string, ScalarValue>();
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'])
  WORDS.set(word, true);
for (const word of ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'])
  WORDS.set(word, false);
for (const word of ['', '~', 'null', 'Null', 'NULL']) WORDS.set(word, null);
for (const word of ['.nan', '.NaN', '.NAN']) WORDS.set(word, NaN);
for (const word of ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF']) WORDS.set(word, Infinity);
for (const word of ['-.inf', '-.Inf', '-.INF']) WORDS.set(word, -Infinity);

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const DECIMAL = /^[-+]?(0|[1-9][0-9]*)$/;
const PREFIXED = /^([-+]?)0([xX][0-9a-fA-F]+|[bB][01]+|[oO]?[0-7]+)$/;

/** The value of a plain scalar. */
export function resolvePlain(text: string): ScalarValue {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  const maybeNumber = (first >= 0x30 && first <= 0x39) || first === 0x2e || isSign(first);
  return maybeNumber ? (resolveNumber(text) ?? text) : text;
}

/** The number a text stands for in YAML 1.1, if any. */
export function resolveNumber(text: string): number | undefined {
  const digits = text.includes('_') ? text.replaceAll('_', '') : text;
  if (DECIMAL.test(digits)) return Number(digits);
  const prefixed = PREFIXED.exec(digits);
  if (prefixed) {
    const [, sign, body = ''] = prefixed;
    const radix = /^[xX]/.test(body) ? 16 : /^[bB]/.test(body) ? 2 : 8;
    const magnitude = parseInt(/^[xXbBoO]/.test(body) ? body.slice(1) : body, radix);
    return sign === '-' ? -magnitude : magnitude;
  }
  return FLOAT.test(digits) ? Number(digits) : undefined;
}

/** The value of a scalar with an explicit tag ("!!str", "!!int" …); undefined when it cannot be. */
export function resolveTagged(tag: string, text: string): ScalarValue | undefined {
  switch (tag.replace('tag:yaml.org,2002:', '!!').replace(/^!<(.*)>$/, '$1')) {
    case '!':
    case '!!str':
      return text;
    case '!!null':
      return null;
    case '!!bool': {
      const value = resolvePlain(text);
      return typeof value === 'boolean' ? value : undefined;
    }
    case '!!int':
    case '!!float':
      return resolveNumber(text) ?? (resolvePlain(text) as number | undefined);
    case '!!binary':
      return atob(text.replaceAll(/\s/g, ''));
    default:
      return resolvePlain(text);
  }
}

function isSign(code: number): boolean {
  return code === 0x2b || code === 0x2d;
}
