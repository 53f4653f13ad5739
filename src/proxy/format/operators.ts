/**
 * Models the command operators of format strings: one small function an operator.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#command-operators.
 * Simplified: start times in the default form only; hops that nobody simulates have no value.
 */
import { addressText } from '../../sim/network/address.ts';
import { MS, isoTimestamp } from '../../sim/time.ts';
import { ConfigError } from '../config/config-error.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { valueAt } from '../matching/value-matcher.ts';
import { flagsText, type StreamInfo } from '../stream-info.ts';

/** Undefined: there is no such value. */
export type Operator = (
  info: StreamInfo,
  localReplyBody?: string,
) => string | number | boolean | undefined;

/** The function of "%NAME(argument):length%". Throws ConfigError for an unknown name. */
export function compileOperator(name: string, argument: string, length: number): Operator {
  const simple = SIMPLE.get(name);
  const operator = simple ?? WITH_ARGUMENT.get(name)?.(argument);
  if (!operator) throw new ConfigError(`Not supported field in StreamInfo: ${name}`);
  if (length === Infinity) return operator;
  return (info, body) => {
    const value = operator(info, body);
    return typeof value === 'string' ? value.slice(0, length) : value;
  };
}

const some = (text: string | undefined) => (text === '' ? undefined : text);
const sinceStart = (info: StreamInfo, time: number) =>
  time < 0 ? undefined : Math.floor((time - info.startTime) / MS);

const SIMPLE = new Map<string, Operator>([
  ['PROTOCOL', (info) => some(info.protocol)],
  ['UPSTREAM_PROTOCOL', (info) => info.upstreamConnection?.version],
  ['RESPONSE_CODE', (info) => info.status],
  ['RESPONSE_CODE_DETAILS', (info) => some(info.details)],
  ['RESPONSE_FLAGS', (info) => flagsText(info.flags)],
  ['CONNECTION_TERMINATION_DETAILS', (info) => some(info.terminationDetails)],
  ['UPSTREAM_TRANSPORT_FAILURE_REASON', (info) => some(underscored(info.upstreamTransportFailure))],
  ['DOWNSTREAM_TRANSPORT_FAILURE_REASON', (info) => some(info.downstreamTransportFailure)],
  ['BYTES_RECEIVED', (info) => info.bytesReceived],
  ['BYTES_SENT', (info) => info.bytesSent],
  ['DURATION', (info) => sinceStart(info, info.endTime)],
  ['REQUEST_DURATION', (info) => sinceStart(info, info.requestEndTime)],
  ['REQUEST_TX_DURATION', (info) => sinceStart(info, info.requestEndTime)],
  ['RESPONSE_DURATION', (info) => sinceStart(info, info.upstreamFirstByteTime)],
  [
    'RESPONSE_TX_DURATION',
    (info) =>
      info.upstreamFirstByteTime < 0
        ? undefined
        : Math.floor((info.endTime - info.upstreamFirstByteTime) / MS),
  ],
  ['UPSTREAM_HOST', (info) => info.upstreamHost?.address],
  ['UPSTREAM_HOST_NAME', (info) => some(info.upstreamHost?.hostname) ?? info.upstreamHost?.address],
  ['UPSTREAM_REMOTE_ADDRESS', (info) => info.upstreamConnection?.host.address],
  ['UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT', (info) => ipOf(info.upstreamConnection?.host.address)],
  ['UPSTREAM_LOCAL_ADDRESS', (info) => info.upstreamConnection?.localAddress],
  ['UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT', (info) => ipOf(info.upstreamConnection?.localAddress)],
  ['UPSTREAM_CLUSTER', (info) => some(info.cluster)],
  ['UPSTREAM_CLUSTER_RAW', (info) => some(info.cluster)],
  ['UPSTREAM_REQUEST_ATTEMPT_COUNT', (info) => info.attempts],
  ['UPSTREAM_PEER_URI_SAN', (info) => some(info.upstreamConnection?.peerIdentity)],
  ['DOWNSTREAM_LOCAL_ADDRESS', (info) => addressText(info.downstreamLocal)],
  ['DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT', (info) => info.downstreamLocal.ip],
  ['DOWNSTREAM_LOCAL_PORT', (info) => info.downstreamLocal.port],
  [
    'DOWNSTREAM_REMOTE_ADDRESS',
    (info) =>
      info.remoteAddress === info.downstreamRemote.ip
        ? addressText(info.downstreamRemote)
        : `${info.remoteAddress}:0`,
  ],
  ['DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT', (info) => info.remoteAddress],
  [
    'DOWNSTREAM_REMOTE_PORT',
    (info) =>
      info.remoteAddress === info.downstreamRemote.ip ? info.downstreamRemote.port : undefined,
  ],
  ['DOWNSTREAM_DIRECT_REMOTE_ADDRESS', (info) => addressText(info.downstreamRemote)],
  ['DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT', (info) => info.downstreamRemote.ip],
  ['DOWNSTREAM_DIRECT_REMOTE_PORT', (info) => info.downstreamRemote.port],
  ['CONNECTION_ID', (info) => info.connectionId],
  ['REQUESTED_SERVER_NAME', (info) => some(info.requestedServerName)],
  ['ROUTE_NAME', (info) => some(info.routeName)],
  ['VIRTUAL_CLUSTER_NAME', (info) => some(info.virtualCluster)],
  ['VIRTUAL_HOST_NAME', (info) => some(info.virtualHostName)],
  ['GRPC_STATUS', (info) => grpcStatusName(info)],
  ['GRPC_STATUS_NUMBER', (info) => (info.grpcStatus === '' ? undefined : Number(info.grpcStatus))],
  ['LOCAL_REPLY_BODY', (_info, body) => body ?? ''],
  ['DOWNSTREAM_TLS_VERSION', (info) => info.tls?.version],
  ['DOWNSTREAM_PEER_SUBJECT', (info) => some(info.tls?.peerSubject)],
  ['DOWNSTREAM_PEER_ISSUER', (info) => some(info.tls?.peerIssuer)],
  ['DOWNSTREAM_LOCAL_SUBJECT', (info) => some(info.tls?.localSubject)],
  ['DOWNSTREAM_PEER_URI_SAN', (info) => some(info.tls?.peerUriSans.join(','))],
  ['DOWNSTREAM_PEER_DNS_SAN', (info) => some(info.tls?.peerDnsSans.join(','))],
  ['DOWNSTREAM_LOCAL_URI_SAN', (info) => some(info.tls?.localUriSans.join(','))],
  ['DOWNSTREAM_PEER_FINGERPRINT_256', (info) => some(info.tls?.peerFingerprint)],
  ['DOWNSTREAM_PEER_CERT', (info) => some(encodeURIComponent(info.tls?.peerCertificate ?? ''))],
  ['HOSTNAME', (info) => info.node],
  ['REQUEST_HEADERS_BYTES', (info) => info.requestHeadersBytes],
  ['RESPONSE_HEADERS_BYTES', (info) => info.responseHeadersBytes],
  ['STREAM_ID', (info) => info.requestHeaders?.get('x-request-id')],
  ['TRACE_ID', () => undefined],
  ['FILTER_CHAIN_NAME', () => undefined],
]);

const WITH_ARGUMENT = new Map<string, (argument: string) => Operator>([
  ['REQ', (argument) => headerOperator(argument, (info) => info.requestHeaders)],
  ['RESP', (argument) => headerOperator(argument, (info) => info.responseHeaders)],
  ['TRAILER', (argument) => headerOperator(argument, (info) => info.responseTrailers)],
  ['START_TIME', () => (info) => isoTimestamp(info.startTime)],
  ['DYNAMIC_METADATA', dynamicMetadataOperator],
  ['FILTER_STATE', filterStateOperator],
  ['CLUSTER_METADATA', () => () => undefined],
  ['UPSTREAM_METADATA', () => () => undefined],
  ['ENVIRONMENT', () => () => undefined],
  ['GRPC_STATUS', () => (info) => grpcStatusName(info)],
  ['METADATA', () => () => undefined],
  ['PER_REQUEST_STATE', filterStateOperator],
  ['REQ_WITHOUT_QUERY', withoutQueryOperator],
  ['RESPONSE_FLAGS_LONG', () => (info) => flagsText(info.flags)],
  ['QUERY_PARAM', queryParameterOperator],
  ['PATH', () => (info) => info.requestHeaders?.get(':path')],
]);

/** "X-ENVOY-ORIGINAL-PATH?:PATH": the second when the first is missing. */
function headerOperator(
  argument: string,
  headersOf: (info: StreamInfo) => HeaderMap | undefined,
): Operator {
  const [main = '', alternative] = argument.toLowerCase().split('?');
  return (info) => {
    const headers = headersOf(info);
    return headers?.get(main) ?? (alternative ? headers?.get(alternative) : undefined);
  };
}

function withoutQueryOperator(argument: string): Operator {
  const header = headerOperator(argument, (info) => info.requestHeaders);
  return (info) => String(header(info) ?? '').split('?')[0];
}

function queryParameterOperator(argument: string): Operator {
  return (info) => {
    const query = info.requestHeaders?.get(':path')?.split('?')[1] ?? '';
    for (const pair of query.split('&')) {
      const [name, value = ''] = pair.split('=');
      if (name === argument) return value;
    }
    return undefined;
  };
}

/** "namespace:key:key" */
function dynamicMetadataOperator(argument: string): Operator {
  const [namespace = '', ...path] = argument.split(':');
  return (info) => printed(valueAt(info.dynamicMetadata?.[namespace], path));
}

function filterStateOperator(argument: string): Operator {
  const [key = ''] = argument.split(':');
  return (info) => printed(info.filterState?.get(key));
}

function printed(value: unknown): string | number | boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function ipOf(address: string | undefined): string | undefined {
  return address?.replace(/:\d+$/, '');
}

function underscored(text: string): string {
  return text.replaceAll(' ', '_');
}

const GRPC_NAMES = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
];

function grpcStatusName(info: StreamInfo): string | undefined {
  return info.grpcStatus === '' ? undefined : GRPC_NAMES[Number(info.grpcStatus)];
}
