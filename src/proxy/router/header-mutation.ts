/**
 * Models header mutations of one level (route, virtual host, route table, weighted cluster):
 * remove, then overwrite, then add. Values are formatted after the level's removals.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import { compileFormat, type Format } from '../format/format.ts';
import type { HeaderMap } from '../http/header-map.ts';
import type { StreamInfo } from '../stream-info.ts';

type Action = 'append' | 'add-if-absent' | 'overwrite' | 'overwrite-if-exists';

interface HeaderToAdd {
  readonly name: string;
  readonly value: Format;
  readonly action: Action;
  readonly keepEmpty: boolean;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  APPEND_IF_EXISTS_OR_ADD: 'append',
  ADD_IF_ABSENT: 'add-if-absent',
  OVERWRITE_IF_EXISTS_OR_ADD: 'overwrite',
  OVERWRITE_IF_EXISTS: 'overwrite-if-exists',
};

export class HeaderMutations {
  readonly #toAdd: readonly HeaderToAdd[];
  readonly #toRemove: readonly string[];

  constructor(toAdd: readonly HeaderToAdd[], toRemove: readonly string[]) {
    this.#toAdd = toAdd;
    this.#toRemove = toRemove;
  }

  apply(headers: HeaderMap, info: StreamInfo): void {
    for (const name of this.#toRemove) headers.remove(name);
    if (this.#toAdd.length === 0) return;
    const values = this.#toAdd.map((header) => header.value(info));
    const wasThere = this.#toAdd.map((header) => headers.has(header.name));
    this.#toAdd.forEach((header, i) => {
      if (values[i] === '' && !header.keepEmpty) return;
      if (header.action === 'overwrite' || (header.action === 'overwrite-if-exists' && wasThere[i]))
        headers.set(header.name, values[i]!);
    });
    this.#toAdd.forEach((header, i) => {
      if (values[i] === '' && !header.keepEmpty) return;
      if (header.action === 'append' || (header.action === 'add-if-absent' && !wasThere[i]))
        headers.append(header.name, values[i]!);
    });
  }
}

/**
 * Of a message with `request_headers_to_add` and `request_headers_to_remove` (prefix "request") or
 * the response ones. Undefined when the message has neither.
 */
export function compileMutations(
  message: Message,
  prefix: 'request' | 'response',
): HeaderMutations | undefined {
  const toAdd = message.messages(`${prefix}_headers_to_add`);
  const toRemove = message.texts(`${prefix}_headers_to_remove`);
  if (toAdd.length + toRemove.length === 0) return undefined;
  return new HeaderMutations(toAdd.map(compileHeaderToAdd), toRemove.map(removableName));
}

function removableName(name: string): string {
  const lower = name.toLowerCase();
  if (lower.startsWith(':') || lower === 'host')
    throw new ConfigError(':-prefixed or host headers may not be removed');
  return lower;
}

/** A HeaderValueOption. */
export function compileHeaderToAdd(option: Message): HeaderToAdd {
  const header = option.messageOrEmpty('header');
  const name = header.text('key').toLowerCase();
  const append = option.boolean('append');
  const action = ACTIONS[option.text('append_action')] ?? 'append';
  return {
    name: name === 'host' ? ':authority' : name,
    value: compileFormat(header.text('value'), ''),
    action: append === false ? 'overwrite' : action,
    keepEmpty: option.flag('keep_empty_value'),
  };
}
