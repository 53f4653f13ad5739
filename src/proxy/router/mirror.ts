/**
 * Models request mirroring: a copy of the request to another cluster, whose answer nobody waits for.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction-requestmirrorpolicy.
 * Simplified: the copy is sent once the whole request is here, not alongside it.
 */
import type { HeaderMap } from '../http/header-map.ts';
import { appendComma } from '../http/request-headers.ts';
import type { HttpStream } from '../http/stream.ts';
import type { UpstreamTry } from '../stream-info.ts';
import type {
  UpstreamCallbacks,
  UpstreamCluster,
  UpstreamConnectionInfo,
  UpstreamHost,
  UpstreamStream,
} from '../upstream/contract.ts';
import type { MirrorPolicy, RouteAction } from './route-action.ts';
import { countResponse } from './response-stats.ts';
import type { Timeouts } from './timeouts.ts';

export function mirrorRequest(stream: HttpStream, action: RouteAction, timeouts: Timeouts): void {
  const policies =
    action.mirrors.length > 0
      ? action.mirrors
      : (stream.virtualHost?.mirrors.length ?? 0) > 0
        ? stream.virtualHost!.mirrors
        : (stream.routeTable?.mirrors ?? []);
  if (policies.length === 0 || stream.headers.get(':method') === 'CONNECT') return;
  for (const policy of policies) {
    const name = policy.cluster || (stream.headers.get(policy.clusterHeader) ?? '');
    const cluster = stream.proxy.clusters.cluster(name);
    if (cluster && isSampled(stream, policy)) send(stream, policy, cluster, action, timeouts);
  }
}

function isSampled(stream: HttpStream, policy: MirrorPolicy): boolean {
  if (!policy.fraction) return true;
  const perMillion = stream.proxy.runtime.perMillion(policy.fraction, 1_000_000);
  return stream.random() % 1_000_000 < perMillion;
}

function send(
  stream: HttpStream,
  policy: MirrorPolicy,
  cluster: UpstreamCluster,
  action: RouteAction,
  timeouts: Timeouts,
): void {
  const headers = stream.headers.copy();
  headers.set('x-envoy-internal', 'true');
  appendComma(headers, 'x-forwarded-for', stream.connection.connection.proxyIp);
  if (policy.appendsShadow) headers.set(':authority', shadowHost(headers.get(':authority') ?? ''));
  const log: UpstreamTry = { host: undefined, status: 0, flags: [] };
  (stream.info.tries ??= []).push(log);
  const mirror = new Mirror(stream, headers, cluster, log);
  const { connection, info } = stream;
  const pending = cluster.newHttpStream(
    {
      context: {
        hashKey: undefined,
        metadataMatch: undefined,
        requestHeaders: headers,
        downstreamConnection: connection.connection.end,
        hostsTried: [],
        rejectHost: undefined,
        hostSelectionAttemptsMax: 1,
        prioritiesTried: [],
      },
      priority: action.priority,
      downstreamVersion: stream.version,
      alpnOverride: stream.alpnOverride,
      requestedServerName: info.requestedServerName,
      requestId: stream.requestId,
      journal: undefined,
    },
    mirror,
  );
  if (typeof pending === 'string') stream.info.tries.pop();
  else if (timeouts.routeUs > 0) mirror.giveUpAfter(timeouts.routeUs);
}

/** "-shadow" goes before the port. */
function shadowHost(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon < 0 ? `${host}-shadow` : `${host.slice(0, colon)}-shadow${host.slice(colon)}`;
}

class Mirror implements UpstreamCallbacks {
  readonly #stream: HttpStream;
  readonly #headers: HeaderMap;
  readonly #body: string;
  readonly #cluster: UpstreamCluster;
  readonly #log: UpstreamTry;
  #upstream: UpstreamStream | undefined = undefined;
  #isOver = false;

  constructor(stream: HttpStream, headers: HeaderMap, cluster: UpstreamCluster, log: UpstreamTry) {
    this.#stream = stream;
    this.#headers = headers;
    this.#body = stream.body;
    this.#cluster = cluster;
    this.#log = log;
  }

  giveUpAfter(timeoutUs: number): void {
    this.#stream.proxy.simulation.schedule(timeoutUs, giveUp, this, undefined);
  }

  giveUp(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#upstream?.reset();
  }

  onPoolReady(stream: UpstreamStream, connection: UpstreamConnectionInfo): void {
    this.#upstream = stream;
    this.#log.host = connection.host;
    stream.encodeHeaders(this.#headers, this.#body, true, this.#stream.proxy.metadata);
  }

  onPoolFailure(_reason: string, _failure: string, host: UpstreamHost | undefined): void {
    this.#log.host = host;
    this.#isOver = true;
    if (host) this.#cluster.reportAttempt(host, { kind: 'connect-failure' });
  }

  onResponseHeaders(headers: HeaderMap, _body: string, endStream: boolean): void {
    const status = Number(headers.get(':status'));
    if (status < 200) return;
    this.#log.status = status;
    if (endStream) this.#isOver = true;
    countResponse(this.#stream, this.#cluster, status, headers);
    if (this.#log.host) this.#cluster.reportAttempt(this.#log.host, { kind: 'status', status });
  }

  onResponseData(_body: string, endStream: boolean): void {
    if (endStream) this.#isOver = true;
  }

  onResponseTrailers(): void {
    this.#isOver = true;
  }

  onReset(): void {
    this.#isOver = true;
    if (this.#log.host) this.#cluster.reportAttempt(this.#log.host, { kind: 'reset' });
  }
}

function giveUp(mirror: Mirror): void {
  mirror.giveUp();
}
