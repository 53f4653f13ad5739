/**
 * Models the checks a request passes before its filters: host, version, path, upgrade; and the
 * changes of its headers that come with them.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers
 */
import type { RandomStream } from '../../sim/random.ts';
import { HeaderMap } from './header-map.ts';
import { applyPathRules } from './path-normalization.ts';
import { isUpgrade, mutateRequestHeaders } from './request-headers.ts';
import type { HttpStream } from './stream.ts';
import type { ManagerConfig } from './connection-manager-config.ts';

/** False: the request has been answered. */
export function admitRequest(stream: HttpStream, random: RandomStream): boolean {
  const { headers, manager, info } = stream;
  const { config } = manager;
  if (stream.version === 'HTTP/1.0' && !config.acceptHttp10)
    return refuse(stream, 426, 'low_version', 'Upgrade Required');
  if (headers.get(':authority') === undefined) {
    if (stream.version !== 'HTTP/1.0' || config.defaultHost === '')
      return refuse(stream, 400, 'missing_host_header', '');
    headers.set(':authority', config.defaultHost);
  }
  stream.clientWantsKeepAlive = headers.get('connection')?.toLowerCase() === 'keep-alive';
  if (headers.get(':path')?.includes('#'))
    return refuse(stream, 400, 'path_normalization_failed', '');
  if (isUpgrade(headers) && !admitUpgrade(stream, config)) return false;
  if (!admitPath(stream, config)) return false;
  tidyHost(headers, config, stream.connection.connection.local.port);
  if (headers.get('expect')?.toLowerCase() === '100-continue') {
    headers.remove('expect');
    stream.respondInterim(new HeaderMap([':status'], ['100']));
  }
  const client = mutateRequestHeaders(headers, config, stream.connection.connection, random);
  info.remoteAddress = client.ip;
  if (client.rejectStatus) {
    stream.connection.closeAfterResponse();
    stream.sendLocalReply({
      status: client.rejectStatus,
      body: '',
      details: 'rejecting_because_detection_failed',
    });
    return false;
  }
  return true;
}

function refuse(stream: HttpStream, status: number, details: string, body: string): false {
  stream.connection.closeAfterResponse();
  const isCodecs = status === 426;
  stream.sendLocalReply({ status, body, details, ...(isCodecs ? { flag: 'DPE' as const } : {}) });
  return false;
}

function admitUpgrade(stream: HttpStream, config: ManagerConfig): boolean {
  const type = stream.headers.get('upgrade')!.toLowerCase();
  const effect = stream.route?.effect;
  const byRoute = effect?.kind === 'route' ? effect.upgrades.get(type) : undefined;
  if (byRoute ?? config.upgrades.get(type)) {
    stream.isUpgrade = true;
    stream.requestEnded = false;
    return true;
  }
  // HTTP/1 clients offer h2c; a server that will not ignores the offer.
  if (type === 'h2c') {
    stream.headers.remove('upgrade');
    stream.headers.remove('connection');
    stream.headers.remove('http2-settings');
    return true;
  }
  stream.manager.stats.rqUpgradeRefused.inc();
  stream.connection.closeAfterResponse();
  stream.sendLocalReply({ status: 403, body: '', details: 'upgrade_failed' });
  return false;
}

function admitPath(stream: HttpStream, config: ManagerConfig): boolean {
  const rules = config.pathRules;
  if (!rules.normalize && !rules.mergeSlashes && rules.escapedSlashes === 'keep') return true;
  const target = stream.headers.get(':path') ?? '';
  const verdict = applyPathRules(target, rules);
  if (verdict.verdict === 'reject') return refuse(stream, 400, 'path_normalization_failed', '');
  if (verdict.verdict === 'redirect') {
    stream.sendLocalReply({
      status: 307,
      body: '',
      details: 'path_normalization_failed',
      headers: (headers) => headers.set('location', verdict.path),
    });
    return false;
  }
  if (verdict.path !== target) stream.headers.set(':path', verdict.path);
  return true;
}

function tidyHost(headers: HeaderMap, config: ManagerConfig, listenerPort: number): void {
  if (config.stripPort === 'no' && !config.stripHostDot) return;
  let host = headers.get(':authority')!;
  let port = /:\d+$/.exec(host)?.[0] ?? '';
  host = host.slice(0, host.length - port.length);
  if (config.stripHostDot && host.endsWith('.')) host = host.slice(0, -1);
  const own = `:${listenerPort}`;
  if (config.stripPort === 'any' || (config.stripPort === 'matching' && port === own)) port = '';
  headers.set(':authority', host + port);
}
