/**
 * Models what the connection manager does to request headers before any filter sees them: hop
 * headers, x-forwarded-*, internal requests, request id, client certificate.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */
import { isInRange, parseIp } from '../matching/ip-range.ts';
import type { HeaderMap } from './header-map.ts';
import { newRequestId } from './request-id.ts';
import { mutateXfcc } from './xfcc.ts';
import type { ManagerConfig } from './connection-manager-config.ts';
import type { DownstreamConnection } from '../listener/downstream-connection.ts';
import type { RandomStream } from '../../sim/random.ts';

/** Control headers that only internal clients may set. */
const INTERNAL_ONLY: ReadonlySet<string> = new Set([
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-force-trace',
  'x-envoy-ip-tags',
  'x-envoy-original-url',
  'x-envoy-hedge-on-per-try-timeout',
]);
const EDGE_ONLY: ReadonlySet<string> = new Set([
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  'x-envoy-original-path',
  'x-envoy-original-host',
]);

export interface RemoteAddress {
  readonly ip: string;
  /** An original-IP extension found nothing and wants this answered. */
  readonly rejectStatus?: number;
}

export function mutateRequestHeaders(
  headers: HeaderMap,
  config: ManagerConfig,
  connection: DownstreamConnection,
  random: RandomStream,
): RemoteAddress {
  removeNominated(headers);
  removeHopHeaders(headers);
  const client = config.useRemoteAddress
    ? edgeAddress(headers, config, connection)
    : forwardedAddress(headers, config);
  if (client.rejectStatus) return { ip: connection.remote.ip, rejectStatus: client.rejectStatus };
  const scheme = connection.tls ? 'https' : 'http';
  const proto = headers.get('x-forwarded-proto');
  if (proto === undefined) headers.set('x-forwarded-proto', scheme);
  if (!headers.has(':scheme'))
    headers.set(':scheme', proto === 'http' || proto === 'https' ? proto : scheme);
  const isInternal =
    client.trusted && config.internalRanges.some((range) => isInRange(range, client.ip));
  if (config.useRemoteAddress) headers.remove('x-envoy-external-address');
  if (isInternal) headers.set('x-envoy-internal', 'true');
  else removeInternalHeaders(headers, config.useRemoteAddress);
  if (config.useRemoteAddress && !isInternal) headers.set('x-envoy-external-address', client.ip);
  if (config.via) appendVia(headers, config.via);
  setRequestId(headers, config, config.useRemoteAddress && !isInternal, random);
  mutateXfcc(headers, config.xfcc, connection.tls);
  return { ip: client.ip || connection.remote.ip };
}

/** "connection: x-drop" makes x-drop a hop header, too. */
function removeNominated(headers: HeaderMap): void {
  const connection = headers.get('connection');
  if (connection === undefined || isUpgrade(headers)) return;
  for (const token of connection.toLowerCase().split(',')) {
    const name = token.trim();
    if (name !== '' && name !== 'close' && name !== 'te') headers.remove(name);
  }
}

function removeHopHeaders(headers: HeaderMap): void {
  // One walk over the names is cheaper than a search for each of the names.
  for (let i = headers.size - 1; i >= 0; i--) {
    const name = headers.nameAt(i);
    switch (name) {
      case 'connection':
      case 'upgrade':
        if (!isUpgrade(headers)) headers.removeAt(i);
        break;
      case 'keep-alive':
      case 'proxy-connection':
      case 'transfer-encoding':
      case 'x-envoy-internal':
        headers.removeAt(i);
        break;
      case 'te':
        if (
          headers
            .valueAt(i)
            .split(',')
            .some((part) => part.trim() === 'trailers')
        )
          headers.set('te', 'trailers');
        else headers.removeAt(i);
        break;
    }
  }
}

export function isUpgrade(headers: HeaderMap): boolean {
  const connection = headers.get('connection');
  return (
    connection !== undefined &&
    headers.has('upgrade') &&
    connection
      .toLowerCase()
      .split(',')
      .some((part) => part.trim() === 'upgrade')
  );
}

interface Client {
  readonly ip: string;
  /** Whether its address may make it internal. */
  readonly trusted: boolean;
  readonly rejectStatus?: number;
}

/** With use_remote_address: the peer, or whom the trusted hops name; the peer joins the XFF. */
function edgeAddress(
  headers: HeaderMap,
  config: ManagerConfig,
  connection: DownstreamConnection,
): Client {
  const trusted = !headers.has('x-forwarded-for');
  const hops = config.trustedHops;
  const named = hops > 0 ? addressInXff(headers, hops - 1) : undefined;
  const peer = connection.remote.ip;
  if (!config.skipXffAppend)
    appendComma(headers, 'x-forwarded-for', isLoopback(peer) ? connection.proxyIp : peer);
  if (hops === 0 || !headers.has('x-forwarded-proto'))
    headers.set('x-forwarded-proto', connection.tls ? 'https' : 'http');
  if (config.appendXForwardedPort) headers.set('x-forwarded-port', String(connection.local.port));
  return { ip: named ?? peer, trusted };
}

/** Envoy names its own outward address for a client on 127.0.0.1 exactly. */
function isLoopback(ip: string): boolean {
  return ip === '127.0.0.1' || ip === '::1';
}

function forwardedAddress(headers: HeaderMap, config: ManagerConfig): Client {
  if (config.ipDetection) {
    const { header, allowTrusted, rejectStatus } = config.ipDetection;
    const ip = headers.get(header);
    if (ip && parseIp(ip)) return { ip, trusted: allowTrusted };
    return rejectStatus ? { ip: '', trusted: false, rejectStatus } : { ip: '', trusted: false };
  }
  const ip = addressInXff(headers, config.trustedHops);
  const all = headers.get('x-forwarded-for');
  return { ip: ip ?? '', trusted: ip !== undefined && all !== undefined && !all.includes(',') };
}

/** The address `skip` places from the right. */
function addressInXff(headers: HeaderMap, skip: number): string | undefined {
  const header = headers.get('x-forwarded-for');
  if (header === undefined) return undefined;
  return (
    header
      .split(',')
      .at(-1 - skip)
      ?.trim() || undefined
  );
}

export function appendVia(headers: HeaderMap, via: string): void {
  const before = headers.get('via');
  headers.set('via', before ? `${before}, ${via}` : via);
}

export function appendComma(headers: HeaderMap, name: string, value: string): void {
  const before = headers.get(name);
  headers.set(name, before ? `${before},${value}` : value);
}

function removeInternalHeaders(headers: HeaderMap, isEdge: boolean): void {
  for (let i = headers.size - 1; i >= 0; i--) {
    const name = headers.nameAt(i);
    if (!name.startsWith('x-envoy-')) continue;
    if (INTERNAL_ONLY.has(name) || (isEdge && EDGE_ONLY.has(name))) headers.removeAt(i);
  }
}

function setRequestId(
  headers: HeaderMap,
  config: ManagerConfig,
  isEdge: boolean,
  random: RandomStream,
): void {
  if (!config.generateRequestId) return;
  if (isEdge && !config.preserveExternalRequestId)
    headers.set('x-request-id', newRequestId(random));
  else if (!headers.has('x-request-id')) headers.add('x-request-id', newRequestId(random));
}
