/**
 * Models set_metadata: fixed values become dynamic metadata of every request.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/set_metadata_filter.
 * Simplified: typed values are left out: nothing here reads them.
 */
import type { Message } from '../config/message.ts';
import type { FilterFactory, FilterStatus, HttpFilter } from '../http/http-filter.ts';
import type { HttpStream } from '../http/stream.ts';

type Struct = Readonly<Record<string, unknown>>;

interface Entry {
  readonly namespace: string;
  readonly value: Struct;
  readonly overwrites: boolean;
}

class SetMetadata implements HttpFilter {
  readonly name: string;
  readonly #entries: readonly Entry[];

  constructor(name: string, config: Message) {
    this.name = name;
    const oldForm = config.text('metadata_namespace');
    this.#entries = [
      ...(oldForm !== '' && config.has('value')
        ? [{ namespace: oldForm, value: config.messageOrEmpty('value').json, overwrites: true }]
        : []),
      ...config
        .messages('metadata')
        .filter((entry) => entry.has('untyped_value'))
        .map((entry) => ({
          namespace: entry.text('metadata_namespace'),
          value: entry.messageOrEmpty('untyped_value').json,
          overwrites: entry.flag('allow_overwrite'),
        })),
    ];
  }

  decode({ info }: HttpStream): FilterStatus {
    for (const { namespace, value, overwrites } of this.#entries) {
      const before = info.dynamicMetadata?.[namespace];
      if (!before) info.setMetadata(namespace, value);
      else if (overwrites) info.setMetadata(namespace, merged(before, value));
    }
    return 'continue';
  }
}

/** Structs are merged, lists put one after the other, everything else replaced. */
function merged(before: Struct, value: Struct): Struct {
  const out: Record<string, unknown> = { ...before };
  for (const [key, one] of Object.entries(value)) {
    const old = out[key];
    if (Array.isArray(old) && Array.isArray(one)) out[key] = [...(old as unknown[]), ...one];
    else out[key] = isStruct(old) && isStruct(one) ? merged(old, one) : one;
  }
  return out;
}

function isStruct(value: unknown): value is Struct {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const setMetadata: FilterFactory = {
  types: ['envoy.extensions.filters.http.set_metadata.v3.Config'],
  create: (name, config) => new SetMetadata(name, config),
};
