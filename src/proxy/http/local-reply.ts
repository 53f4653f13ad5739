/**
 * Models answers the proxy makes itself, and local_reply_config, which rewords them.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
 */
import { compileLogFilter, type LogFilter } from '../access-log/log-filter.ts';
import { dataSourceText } from '../config/data-source.ts';
import type { Message } from '../config/message.ts';
import { compileFormat, compileJsonFormat } from '../format/format.ts';
import {
  compileMutations,
  HeaderMutations,
  compileHeaderToAdd,
} from '../router/header-mutation.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { HeaderMap } from './header-map.ts';

export interface LocalReplies {
  /** Rewords a reply in place of `info.status` and `body`; gives the new body and its type. */
  rewrite(headers: HeaderMap, info: StreamInfo, body: string): { body: string; type: string };
}

interface BodyFormat {
  readonly type: string;
  print(info: StreamInfo, body: string): string;
}

interface Mapper {
  readonly filter: LogFilter;
  readonly status: number | undefined;
  readonly body: string | undefined;
  readonly format: BodyFormat | undefined;
  readonly mutations: HeaderMutations | undefined;
}

const PLAIN = 'text/plain';

export function compileLocalReplies(config: Message | undefined): LocalReplies | undefined {
  if (!config) return undefined;
  const mappers = config.messages('mappers').map(compileMapper);
  const common = compileBodyFormat(config.message('body_format'));
  return {
    rewrite(headers, info, original) {
      const mapper = mappers.find((one) => one.filter(info));
      let body = original;
      // Headers still see the old status, the body's format sees the new one.
      mapper?.mutations?.apply(headers, info);
      if (mapper?.body !== undefined) body = mapper.body;
      if (mapper?.status !== undefined) {
        info.status = mapper.status;
        headers.set(':status', String(mapper.status));
      }
      const format = mapper?.format ?? common;
      return format ? { body: format.print(info, body), type: format.type } : { body, type: PLAIN };
    },
  };
}

function compileMapper(mapper: Message): Mapper {
  const toAdd = mapper.messages('headers_to_add');
  return {
    filter: compileLogFilter(mapper.messageOrEmpty('filter')),
    status: mapper.number('status_code'),
    body: mapper.has('body') ? dataSourceText(mapper.message('body')) : undefined,
    format: compileBodyFormat(mapper.message('body_format_override')),
    mutations:
      toAdd.length > 0
        ? new HeaderMutations(toAdd.map(compileHeaderToAdd), [])
        : compileMutations(mapper, 'response'),
  };
}

/** SubstitutionFormatString. */
function compileBodyFormat(format: Message | undefined): BodyFormat | undefined {
  if (!format) return undefined;
  const given = format.text('content_type');
  if (format.has('json_format')) {
    const json = compileJsonFormat(format.json['json_format']);
    return {
      type: given || 'application/json',
      print: (info, body) => `${JSON.stringify(json(info, body))}\n`,
    };
  }
  const text = format.text('text_format') || dataSourceText(format.message('text_format_source'));
  const print = compileFormat(text, '-');
  return { type: given || PLAIN, print };
}

/** HTTP status → gRPC status of a local reply. */
export function grpcStatusOf(status: number): number {
  switch (status) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}

/** grpc-message: percent-encoded outside printable ASCII. */
export function grpcMessage(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]/g, (character) =>
    Array.from(
      new TextEncoder().encode(character),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}
