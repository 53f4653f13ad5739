/**
 * Models the HTTP connection manager's configuration, compiled.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto.
 * Deliberately without effect here: request_id_extension (always UUID), proxy_100_continue,
 * codec buffer sizes, tracing's custom tags (spans are made from StreamInfo).
 */
import { HOUR, MINUTE, SECOND, type Micros } from '../../sim/time.ts';
import { compileAccessLogs, type AccessLog } from '../access-log/access-log.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import { compileIpRange, type IpRange } from '../matching/ip-range.ts';
import { compileLocalReplies, type LocalReplies } from './local-reply.ts';
import type { EscapedSlashes, PathRules } from './path-normalization.ts';
import { compileXfcc, type XfccConfig } from './xfcc.ts';

export interface ManagerConfig {
  readonly statPrefix: string;
  readonly codec: 'auto' | 'http1' | 'http2';
  readonly serverName: string;
  readonly serverHeader: 'overwrite' | 'append-if-absent' | 'pass-through';
  readonly useRemoteAddress: boolean;
  readonly skipXffAppend: boolean;
  readonly trustedHops: number;
  readonly appendXForwardedPort: boolean;
  readonly ipDetection: IpDetection | undefined;
  readonly internalRanges: readonly IpRange[];
  readonly xfcc: XfccConfig;
  readonly via: string;
  readonly generateRequestId: boolean;
  readonly preserveExternalRequestId: boolean;
  readonly requestIdInResponse: boolean;
  readonly pathRules: PathRules;
  readonly stripPort: 'no' | 'matching' | 'any';
  readonly stripHostDot: boolean;
  readonly acceptHttp10: boolean;
  readonly defaultHost: string;
  readonly acceptsAbsoluteUrl: boolean;
  readonly headerBytesMax: number;
  readonly headersMax: number;
  readonly requestsPerConnectionMax: number;
  /** 0: none. */
  readonly streamIdleTimeoutUs: Micros;
  readonly requestTimeoutUs: Micros;
  readonly requestHeadersTimeoutUs: Micros;
  readonly connectionIdleTimeoutUs: Micros;
  readonly connectionDurationMaxUs: Micros;
  readonly streamDurationMaxUs: Micros;
  readonly drainTimeoutUs: Micros;
  /** Upgrade type (lower case) → allowed. */
  readonly upgrades: ReadonlyMap<string, boolean>;
  readonly accessLogs: readonly AccessLog[];
  readonly localReplies: LocalReplies | undefined;
  /** The resource, for journals. */
  readonly resource: object;
}

export interface IpDetection {
  readonly header: string;
  readonly allowTrusted: boolean;
  readonly rejectStatus: number;
}

const ESCAPED: Readonly<Record<string, EscapedSlashes>> = {
  REJECT_REQUEST: 'reject',
  UNESCAPE_AND_REDIRECT: 'unescape-and-redirect',
  UNESCAPE_AND_FORWARD: 'unescape-and-forward',
};
const HEADER_KILOBYTES_MAX = 60;
const HEADERS_MAX = 100;

export function compileManagerConfig(manager: Message): ManagerConfig {
  const common = manager.messageOrEmpty('common_http_protocol_options');
  const http1 = manager.messageOrEmpty('http_protocol_options');
  const transformation = manager.text('server_header_transformation');
  const statPrefix = manager.text('stat_prefix');
  if (statPrefix === '')
    throw new ConfigError(
      'Proto constraint validation failed (HttpConnectionManagerValidationError.StatPrefix: value length must be at least 1 characters)',
    );
  return {
    statPrefix,
    codec:
      manager.text('codec_type') === 'HTTP1'
        ? 'http1'
        : manager.text('codec_type') === 'HTTP2'
          ? 'http2'
          : 'auto',
    serverName: manager.text('server_name') || 'envoy',
    serverHeader:
      transformation === 'PASS_THROUGH'
        ? 'pass-through'
        : transformation === 'APPEND_IF_ABSENT'
          ? 'append-if-absent'
          : 'overwrite',
    useRemoteAddress: manager.flag('use_remote_address'),
    skipXffAppend: manager.flag('skip_xff_append'),
    trustedHops: manager.number('xff_num_trusted_hops') ?? 0,
    appendXForwardedPort: manager.flag('append_x_forwarded_port'),
    ipDetection: compileIpDetection(manager),
    internalRanges: manager
      .messageOrEmpty('internal_address_config')
      .messages('cidr_ranges')
      .map(compileIpRange),
    xfcc: compileXfcc(manager),
    via: manager.text('via'),
    generateRequestId: manager.boolean('generate_request_id') ?? true,
    preserveExternalRequestId: manager.flag('preserve_external_request_id'),
    requestIdInResponse: manager.flag('always_set_request_id_in_response'),
    pathRules: {
      normalize: manager.flag('normalize_path'),
      mergeSlashes: manager.flag('merge_slashes'),
      escapedSlashes: ESCAPED[manager.text('path_with_escaped_slashes_action')] ?? 'keep',
    },
    stripPort: manager.flag('strip_any_host_port')
      ? 'any'
      : manager.flag('strip_matching_host_port')
        ? 'matching'
        : 'no',
    stripHostDot: manager.flag('strip_trailing_host_dot'),
    acceptHttp10: http1.flag('accept_http_10'),
    defaultHost: http1.text('default_host_for_http_10'),
    acceptsAbsoluteUrl: http1.boolean('allow_absolute_url') ?? true,
    headerBytesMax: 1024 * (manager.number('max_request_headers_kb') ?? HEADER_KILOBYTES_MAX),
    headersMax: common.number('max_headers_count') ?? HEADERS_MAX,
    requestsPerConnectionMax: common.number('max_requests_per_connection') ?? 0,
    streamIdleTimeoutUs: manager.durationUs('stream_idle_timeout') ?? 5 * MINUTE,
    requestTimeoutUs: manager.durationUs('request_timeout') ?? 0,
    requestHeadersTimeoutUs: manager.durationUs('request_headers_timeout') ?? 0,
    connectionIdleTimeoutUs: common.durationUs('idle_timeout') ?? HOUR,
    connectionDurationMaxUs: common.durationUs('max_connection_duration') ?? 0,
    streamDurationMaxUs: common.durationUs('max_stream_duration') ?? 0,
    drainTimeoutUs: manager.durationUs('drain_timeout') ?? 5 * SECOND,
    upgrades: new Map(
      manager
        .messages('upgrade_configs')
        .map((upgrade) => [
          upgrade.text('upgrade_type').toLowerCase(),
          upgrade.boolean('enabled') ?? true,
        ]),
    ),
    accessLogs: compileAccessLogs(manager),
    localReplies: compileLocalReplies(manager.message('local_reply_config')),
    resource: manager.json,
  };
}

const CUSTOM_HEADER =
  'envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig';

/** Simplified: of the detection extensions only the custom header; the first one counts. */
function compileIpDetection(manager: Message): IpDetection | undefined {
  for (const extension of manager.messages('original_ip_detection_extensions')) {
    const typed = extension.any('typed_config');
    if (typed?.type !== CUSTOM_HEADER) continue;
    const reject = typed.message.message('reject_with_status');
    return {
      header: typed.message.text('header_name').toLowerCase(),
      allowTrusted: typed.message.flag('allow_extension_to_set_address_as_trusted'),
      rejectStatus: reject ? statusCode(reject.json['code'], 403) : 0,
    };
  }
  return undefined;
}

const STATUS_NAMES: Readonly<Record<string, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  TooManyRequests: 429,
  InternalServerError: 500,
  ServiceUnavailable: 503,
};

/** An HttpStatus code: a number or the enum's name. */
export function statusCode(code: unknown, otherwise: number): number {
  if (typeof code === 'number') return code;
  if (typeof code !== 'string') return otherwise;
  return STATUS_NAMES[code] ?? (Number(code) || otherwise);
}
