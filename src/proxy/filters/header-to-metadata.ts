/**
 * Models header-to-metadata: what a header says becomes dynamic metadata, for subsets and rules.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/header_to_metadata_filter.
 * Simplified: request rules and response rules; no protobuf values.
 */
import type { Message } from '../config/message.ts';
import type { FilterFactory, FilterStatus, HttpFilter } from '../http/http-filter.ts';
import type { HeaderMap } from '../http/header-map.ts';
import type { HttpStream } from '../http/stream.ts';
import { compileRegex } from '../matching/regex.ts';
import { cookieValue } from '../router/hash-policy.ts';

interface Entry {
  readonly namespace: string;
  readonly key: string;
  /** Turns the header's value into the metadata's. */
  readonly valueOf: (header: string) => string | number;
}

interface Rule {
  readonly read: (headers: HeaderMap) => string | undefined;
  readonly header: string;
  readonly present: Entry | undefined;
  readonly missing: Entry | undefined;
  readonly removes: boolean;
}

const NAMESPACE = 'envoy.filters.http.header_to_metadata';

function compileRule(rule: Message): Rule {
  const header = rule.text('header').toLowerCase();
  const cookie = rule.text('cookie');
  return {
    header,
    read: cookie ? (headers) => cookieValue(headers, cookie) : (headers) => headers.get(header),
    present: compileEntry(rule.message('on_header_present') ?? rule.message('on_present')),
    missing: compileEntry(rule.message('on_header_missing') ?? rule.message('on_missing')),
    removes: rule.flag('remove'),
  };
}

function compileEntry(entry: Message | undefined): Entry | undefined {
  if (!entry) return undefined;
  const fixed = entry.text('value');
  const rewrite = entry.message('regex_value_rewrite');
  const regex = rewrite && compileRegex(rewrite.messageOrEmpty('pattern'));
  const isNumber = entry.text('type') === 'NUMBER';
  return {
    namespace: entry.text('metadata_namespace') || NAMESPACE,
    key: entry.text('key'),
    valueOf(header) {
      const text = regex
        ? regex.replaceAll(header, rewrite?.text('substitution') ?? '')
        : fixed || header;
      return isNumber ? Number(text) : text;
    },
  };
}

class HeaderToMetadata implements HttpFilter {
  readonly name: string;
  readonly #request: readonly Rule[];
  readonly #response: readonly Rule[];

  constructor(name: string, config: Message) {
    this.name = name;
    this.#request = config.messages('request_rules').map(compileRule);
    this.#response = config.messages('response_rules').map(compileRule);
  }

  decode(stream: HttpStream): FilterStatus {
    for (const rule of this.#request) apply(rule, stream.headers, stream);
    return 'continue';
  }

  encode(stream: HttpStream): void {
    for (const rule of this.#response) apply(rule, stream.responseHeaders!, stream);
  }
}

function apply(rule: Rule, headers: HeaderMap, stream: HttpStream): void {
  const value = rule.read(headers);
  const entry = value === undefined || value === '' ? rule.missing : rule.present;
  if (entry) stream.info.setMetadata(entry.namespace, { [entry.key]: entry.valueOf(value ?? '') });
  if (rule.removes && rule.header !== '') headers.remove(rule.header);
}

export const headerToMetadata: FilterFactory = {
  types: ['envoy.extensions.filters.http.header_to_metadata.v3.Config'],
  create: (name, config) => new HeaderToMetadata(name, config),
};
