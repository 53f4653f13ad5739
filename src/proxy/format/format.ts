/**
 * Models Envoy's format strings, "%REQ(X-FORWARDED-FOR)% %RESPONSE_CODE%", for header values,
 * access logs and local replies. Parsed once into a list of texts and functions.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
 */
import { ConfigError } from '../config/config-error.ts';
import type { StreamInfo } from '../stream-info.ts';
import { compileOperator, type Operator } from './operators.ts';

export type Format = (info: StreamInfo, localReplyBody?: string) => string;

const COMMAND = /%([A-Z][A-Z0-9_]*)(?:\(([^)]*)\))?(?::(\d+))?%/y;

/** The parts of a format: fixed text, or an operator. "%%" is a percent sign. */
export function parseFormat(text: string): (string | Operator)[] {
  const parts: (string | Operator)[] = [];
  let fixed = '';
  for (let at = 0; at < text.length;) {
    if (text[at] !== '%') {
      fixed += text[at++];
      continue;
    }
    if (text[at + 1] === '%') {
      fixed += '%';
      at += 2;
      continue;
    }
    COMMAND.lastIndex = at;
    const found = COMMAND.exec(text);
    if (!found)
      throw new ConfigError(
        `Incorrect configuration: ${text}. Couldn't find valid command at position ${at}`,
      );
    if (fixed) parts.push(fixed);
    fixed = '';
    parts.push(compileOperator(found[1]!, found[2] ?? '', Number(found[3] ?? Infinity)));
    at = COMMAND.lastIndex;
  }
  if (fixed || parts.length === 0) parts.push(fixed);
  return parts;
}

/** A format whose missing values print `missing` ("-" in access logs, "" in header values). */
export function compileFormat(text: string, missing: string): Format {
  const parts = parseFormat(text);
  const [only] = parts;
  if (parts.length === 1 && typeof only === 'string') return () => only;
  if (parts.length === 1 && typeof only === 'function')
    return (info, body) => textOf(only(info, body), missing);
  return (info, body) => {
    let out = '';
    for (const part of parts)
      out += typeof part === 'string' ? part : textOf(part(info, body), missing);
    return out;
  };
}

function textOf(value: ReturnType<Operator>, missing: string): string {
  return value === undefined ? missing : String(value);
}

/** A json_format tree: formats at the leaves; a leaf that is one operator keeps its type. */
export function compileJsonFormat(
  tree: unknown,
): (info: StreamInfo, localReplyBody?: string) => unknown {
  if (typeof tree === 'string') {
    const parts = parseFormat(tree);
    const [only] = parts;
    if (parts.length === 1 && typeof only === 'function')
      return (info, body) => only(info, body) ?? null;
    const format = compileFormat(tree, '-');
    return format;
  }
  if (Array.isArray(tree)) {
    const items = tree.map(compileJsonFormat);
    return (info, body) => items.map((item) => item(info, body));
  }
  if (typeof tree === 'object' && tree !== null) {
    const fields = Object.entries(tree).map(
      ([name, value]) => [name, compileJsonFormat(value)] as const,
    );
    fields.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
    return (info, body) =>
      Object.fromEntries(fields.map(([name, value]) => [name, value(info, body)]));
  }
  return () => tree;
}
