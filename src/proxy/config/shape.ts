/**
 * Models the reading of a bootstrap as a protobuf message: names of fields in either spelling, types
 * of values, oneofs. The words are those of Envoy's parser.
 *
 * Spec: https://protobuf.dev/programming-guides/json/
 */
import { ConfigError } from './config-error.ts';
import { ENUMS, fieldsOf, type FieldType } from './fields.ts';
import { typeName } from './message.ts';

/** What YAML 1.1, which Envoy's reader speaks, calls a boolean beside true and false. */
const YAML_BOOLEANS: ReadonlyMap<unknown, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
]);

type Json = Readonly<Record<string, unknown>>;

const BOOTSTRAP = 'envoy.config.bootstrap.v3.Bootstrap';
const UINT32_MAX = 4_294_967_295;

/** The bootstrap with snake_case names; throws ConfigError when it is none. */
export function checkShape(bootstrap: unknown): object {
  return checkMessage(bootstrap, BOOTSTRAP, '') as object;
}

function checkMessage(value: unknown, message: string, path: string): unknown {
  const fields = fieldsOf(message);
  if (!fields) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const [first] = JSON.stringify(value ?? null);
    throw refused(path, `message ${message}: unexpected character: '${first}'; expected '{'`);
  }
  const out: Record<string, unknown> = {};
  const taken = new Map<string, string>();
  for (const [given, inner] of Object.entries(value as Json)) {
    const name = fields.has(given) ? given : snakeCase(given);
    const field = fields.get(name);
    if (!field) {
      if (given.startsWith('@')) {
        out[given] = inner;
        continue;
      }
      throw unknownField(path, message, given);
    }
    if (inner === null) continue;
    const before = field.oneof === '' ? undefined : taken.get(field.oneof);
    if (before !== undefined)
      throw refused(
        `${path}${path ? '.' : ''}${name}`,
        `'${name}' has already been set (either directly or as part of a oneof)`,
      );
    if (field.oneof !== '') taken.set(field.oneof, name);
    out[name] = checkField(inner, field, path === '' ? name : `${path}.${name}`);
  }
  return out;
}

function checkField(value: unknown, field: FieldType, path: string): unknown {
  if (!field.isList) return checkValue(value, field.type, path);
  // Envoy's YAML loader takes one value where a list is wanted.
  if (!Array.isArray(value)) return [checkValue(value, field.type, path)];
  return value.map((item, i) => checkValue(item, field.type, `${path}[${i}]`));
}

function checkValue(value: unknown, type: string, path: string): unknown {
  switch (type) {
    case '*':
      return value;
    case 'b':
      return YAML_BOOLEANS.get(value) ?? value;
    case '@':
      return checkAny(value, path);
    case 's':
      if (typeof value === 'object') throw wanted(path, 'string', value, '"');
      return typeof value === 'string' ? value : String(value);
    case 'u':
      return checkUnsigned(value, path);
    case 'n':
      return value;
    case 'd':
      return checkDuration(value, path);
    default:
      if (type in ENUMS) return checkEnum(value, type);
      return checkMessage(value, type, path);
  }
}

function checkAny(value: unknown, path: string): unknown {
  const any = value as Json;
  const type = typeof any['@type'] === 'string' ? typeName(any['@type']) : '';
  if (type === '' || !fieldsOf(type)) return value;
  return checkMessage(value, type, `${path}.<any>`);
}

function checkUnsigned(value: unknown, path: string): unknown {
  if (typeof value === 'object') return value;
  const number = Number(value);
  if (value === '' || Number.isNaN(number))
    throw refused(path, `uint32: invalid number: '${String(value)}'`);
  if (number < 0)
    throw refused(path, 'message google.protobuf.UInt32Value: JSON number out of range for int');
  if (number > UINT32_MAX)
    throw refused(path, 'message google.protobuf.UInt32Value: integer out of range');
  return value;
}

function checkDuration(value: unknown, path: string): unknown {
  if (typeof value === 'number') throw wanted(path, 'message google.protobuf.Duration', value, '"');
  if (typeof value !== 'string') return value;
  if (!/^-?\d+(?:\.\d{1,9})?s$/.test(value))
    throw refused(path, "message google.protobuf.Duration: duration must end with a single 's'");
  if (value.startsWith('-')) throw new ConfigError('Invalid duration: Expected positive duration:');
  return value;
}

function checkEnum(value: unknown, type: string): unknown {
  if (typeof value === 'string' && !ENUMS[type]!.includes(value))
    throw new ConfigError(
      `Protobuf message (type ${BOOTSTRAP} reason INVALID_ARGUMENT: unknown enum value: '${value}') has unknown fields`,
    );
  return value;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function refused(path: string, problem: string): ConfigError {
  const place = path === '' ? '' : ` @ ${path}`;
  return new ConfigError(
    `Unable to parse JSON as proto (INVALID_ARGUMENT: invalid JSON in ${BOOTSTRAP}${place}: ${problem})`,
  );
}

function wanted(path: string, type: string, value: unknown, expected: string): ConfigError {
  const [first] = JSON.stringify(value);
  return refused(path, `${type}: unexpected character: '${first}'; expected '${expected}'`);
}

function unknownField(path: string, message: string, field: string): ConfigError {
  const place = path === '' ? '' : ` @ ${path}: message ${message}`;
  return new ConfigError(
    `Protobuf message (type ${BOOTSTRAP} reason INVALID_ARGUMENT: invalid JSON in ${BOOTSTRAP}${place}: no such field: '${field}') has unknown fields`,
  );
}
