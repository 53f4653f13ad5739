/**
 * Models access log filters, which local_reply_config uses as well.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/accesslog/v3/accesslog.proto
 */
import { MS } from '../../sim/time.ts';
import type { Message } from '../config/message.ts';
import { HeaderMap } from '../http/header-map.ts';
import { compileHeaderMatcher } from '../matching/header-matcher.ts';
import { compileMetadataMatcher } from '../matching/value-matcher.ts';
import type { StreamInfo } from '../stream-info.ts';

export type LogFilter = (info: StreamInfo) => boolean;

const KINDS = [
  'status_code_filter',
  'duration_filter',
  'not_health_check_filter',
  'traceable_filter',
  'runtime_filter',
  'and_filter',
  'or_filter',
  'header_filter',
  'response_flag_filter',
  'grpc_status_filter',
  'extension_filter',
  'metadata_filter',
  'log_type_filter',
] as const;

export function compileLogFilter(filter: Message): LogFilter {
  const kind = filter.oneof(...KINDS);
  const inner = kind ? filter.messageOrEmpty(kind) : filter;
  switch (kind) {
    case 'status_code_filter':
      return comparison(inner, (info) => info.status);
    case 'duration_filter':
      return comparison(inner, (info) => Math.floor((info.endTime - info.startTime) / MS));
    case 'and_filter': {
      const filters = inner.messages('filters').map(compileLogFilter);
      return (info) => filters.every((one) => one(info));
    }
    case 'or_filter': {
      const filters = inner.messages('filters').map(compileLogFilter);
      return (info) => filters.some((one) => one(info));
    }
    case 'header_filter': {
      const matcher = compileHeaderMatcher(inner.messageOrEmpty('header'));
      const none = new HeaderMap();
      return (info) => matcher.matches(info.requestHeaders ?? none);
    }
    case 'response_flag_filter': {
      const wanted = inner.texts('flags');
      return (info) =>
        wanted.length === 0
          ? info.flags.length > 0
          : info.flags.some((flag) => wanted.includes(flag));
    }
    case 'metadata_filter': {
      const matcher = inner.message('matcher');
      const test = matcher && compileMetadataMatcher(matcher);
      return (info) => test?.(info.dynamicMetadata) ?? true;
    }
    default:
      return () => true;
  }
}

function comparison(filter: Message, valueOf: (info: StreamInfo) => number): LogFilter {
  const compare = filter.messageOrEmpty('comparison');
  const wanted = compare.messageOrEmpty('value').number('default_value') ?? 0;
  switch (compare.text('op')) {
    case 'GE':
      return (info) => valueOf(info) >= wanted;
    case 'LE':
      return (info) => valueOf(info) <= wanted;
    case 'NE':
      return (info) => valueOf(info) !== wanted;
    default:
      return (info) => valueOf(info) === wanted;
  }
}
