/**
 * Models how a dump hides what is marked sensitive: keys, passwords and tokens say "[redacted]".
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--config_dump
 */

/** Fields that Envoy's messages mark so, inside which every text is hidden. */
const SENSITIVE = new Set([
  'generic_secret',
  'password',
  'pkcs12',
  'private_key',
  'session_ticket_keys',
]);

const HIDDEN = '[redacted]';
/** HIDDEN in base64, for bytes. */
const HIDDEN_BYTES = 'W3JlZGFjdGVkXQ==';

/** A copy without secrets. */
export function redacted(value: object): object {
  return copy(value, false) as object;
}

function copy(value: unknown, isSensitive: boolean): unknown {
  if (typeof value === 'string') return isSensitive ? HIDDEN : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => copy(element, isSensitive));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (isSensitive && name === 'inline_bytes') return [name, HIDDEN_BYTES];
      const isHidden = isSensitive || SENSITIVE.has(name);
      return [name, copy(field, isHidden)];
    }),
  );
}
