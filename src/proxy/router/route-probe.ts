/**
 * Models Envoy's router_check_tool: what a route configuration decides for a request, without a
 * proxy around it.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/tools/router_check
 */
import type { Message } from '../config/message.ts';
import { Runtime } from '../config/runtime.ts';
import { fractionPerMillion } from '../config/message.ts';
import { HeaderMap } from '../http/header-map.ts';
import { StreamInfo } from '../stream-info.ts';
import { finalizeRequestHeaders, finalizeResponseHeaders } from './finalize-headers.ts';
import { newUri, TO_HTTPS } from './redirect.ts';
import {
  pickWeighted,
  weightingNumber,
  type RouteAction,
  type WeightedCluster,
} from './route-action.ts';
import { compileRouteTable, matchRoute, virtualClusterOf, type RouteTable } from './route-table.ts';
import { splitPath } from './path.ts';
import type { FractionTest } from './route-matcher.ts';
import type { Metadata } from '../matching/value-matcher.ts';
import type { Route } from './route.ts';

export interface ProbeRequest {
  readonly headers: HeaderMap;
  readonly responseHeaders: HeaderMap;
  readonly isTls: boolean;
  readonly random: number;
  /** The runtime key that counts as set. */
  readonly runtime: string;
  readonly metadata: Metadata | undefined;
}

/** What does not apply is "" or undefined. */
export interface ProbeAnswer {
  readonly route: Route | undefined;
  readonly virtualHost: string;
  readonly virtualCluster: string;
  readonly cluster: string;
  readonly newUri: string;
  /** Of a redirect or direct response. */
  readonly status: number | undefined;
  readonly timeoutUs: number | undefined;
  /** Before any header is changed: what path rewriting makes of the path. */
  readonly pathAfterRewrite: string;
  /** After finalisation. */
  readonly requestHeaders: HeaderMap;
  readonly responseHeaders: HeaderMap;
}

const LOCAL = { ip: '127.0.0.1', port: 0 };
const ALREADY_COMPILED = {};

/** Compiles a RouteConfiguration as the tool does: filters' configuration is not looked at. */
export function compileProbeTable(configuration: Message): RouteTable {
  return compileRouteTable(
    configuration,
    { runtime: new Runtime(), perFilter: () => ALREADY_COMPILED },
    toolFractionTest,
  );
}

/** A fraction is on when the test names its key and the random value is below the numerator. */
const toolFractionTest: FractionTest = (fraction, input) => {
  const probe = input as ProbeInput;
  const value = fraction.message('default_value');
  const numerator = value ? fractionPerMillion(value) / 10_000 : 0;
  const least = Math.max(1, numerator);
  return probe.runtime === fraction.text('runtime_key') && probe.random() < least;
};

class ProbeInput {
  readonly headers: HeaderMap;
  readonly path: string;
  readonly query: string | undefined;
  readonly isTls: boolean;
  readonly clientCertificatePresented = false;
  readonly clientCertificateValidated = false;
  readonly metadata: Metadata | undefined;
  readonly runtime: string;
  readonly #random: number;

  constructor({ headers, isTls, random, runtime, metadata }: ProbeRequest) {
    const { path, rest } = splitPath(headers.get(':path') ?? '');
    this.headers = headers;
    this.path = path;
    this.query = rest === '' ? undefined : rest.slice(1);
    this.isTls = isTls;
    this.metadata = metadata;
    this.runtime = runtime;
    this.#random = random;
  }

  random(): number {
    return this.#random;
  }

  filterState(): undefined {
    return undefined;
  }
}

export function probeRoute(table: RouteTable, request: ProbeRequest): ProbeAnswer {
  const { headers } = request;
  const host = table.findVirtualHost(headers.get(':authority') ?? '');
  const nothing: ProbeAnswer = {
    route: undefined,
    virtualHost: host?.name ?? '',
    virtualCluster: '',
    cluster: '',
    newUri: '',
    status: undefined,
    timeoutUs: undefined,
    pathAfterRewrite: '',
    requestHeaders: headers,
    responseHeaders: request.responseHeaders,
  };
  if (!host) return nothing;
  const proto = headers.get('x-forwarded-proto');
  if (
    host.requireTls !== 'none' &&
    proto !== 'https' &&
    (host.requireTls === 'all' || headers.get('x-envoy-internal') !== 'true')
  )
    return { ...nothing, newUri: newUri(TO_HTTPS, headers), status: 301 };
  const route = matchRoute(host, new ProbeInput(request));
  if (!route) return nothing;
  const base = { ...nothing, route, virtualCluster: virtualClusterOf(host, headers) };
  const { effect } = route;
  if (effect.kind === 'redirect') {
    const levels = { weighted: undefined, route, virtualHost: host, routeTable: table };
    finalizeResponseHeaders(request.responseHeaders, levels, infoOf(request));
    return { ...base, newUri: effect.newUri(headers), status: effect.status };
  }
  if (effect.kind === 'direct-response') return directResponse(base, request, table, route);
  if (effect.kind !== 'route') return base;
  return routed(base, request, table, route, effect);
}

function infoOf({ headers, responseHeaders }: ProbeRequest): StreamInfo {
  const info = new StreamInfo(
    'http',
    0,
    { node: '', direction: 'unspecified', listener: '' },
    { id: 0, local: LOCAL, remote: LOCAL, tls: undefined, serverName: '' },
  );
  info.requestHeaders = headers;
  info.responseHeaders = responseHeaders;
  return info;
}

function directResponse(
  base: ProbeAnswer,
  request: ProbeRequest,
  table: RouteTable,
  route: Route,
): ProbeAnswer {
  const { effect } = route;
  if (effect.kind !== 'direct-response') return base;
  const { headers, responseHeaders } = request;
  if (effect.body !== '') {
    responseHeaders.set('content-type', 'text/plain');
    responseHeaders.set('content-length', String(effect.body.length));
  }
  const virtualHost = table.virtualHosts.find(({ name }) => name === base.virtualHost);
  const levels = { weighted: undefined, route, virtualHost, routeTable: table };
  finalizeResponseHeaders(responseHeaders, levels, infoOf(request));
  const uri = `${headers.get(':scheme') ?? 'http'}://${headers.get(':authority') ?? ''}${headers.get(':path') ?? ''}`;
  return { ...base, newUri: uri, status: effect.status };
}

function routed(
  base: ProbeAnswer,
  request: ProbeRequest,
  table: RouteTable,
  route: Route,
  action: RouteAction,
): ProbeAnswer {
  const { headers, responseHeaders, random } = request;
  const weighted = chosen(action, headers, random);
  const info = infoOf(request);
  const pathAfterRewrite = action.rewritePath?.(headers) ?? headers.get(':path') ?? '';
  const virtualHost = table.virtualHosts.find(({ name }) => name === base.virtualHost);
  const levels = { weighted, route, virtualHost, routeTable: table };
  const cluster = clusterOf(action, weighted, headers);
  finalizeRequestHeaders(headers, levels, info, true);
  finalizeResponseHeaders(responseHeaders, levels, info);
  return { ...base, cluster, timeoutUs: action.timeoutUs, pathAfterRewrite };
}

function chosen(
  { clusters }: RouteAction,
  headers: HeaderMap,
  random: number,
): WeightedCluster | undefined {
  if (clusters.kind !== 'weighted') return undefined;
  const number = clusters.header === '' ? undefined : weightingNumber(headers, clusters.header);
  return pickWeighted(clusters.clusters, number ?? random);
}

function clusterOf(
  { clusters }: RouteAction,
  weighted: WeightedCluster | undefined,
  headers: HeaderMap,
): string {
  if (clusters.kind === 'one') return clusters.name;
  if (clusters.kind === 'header') return headers.get(clusters.header) ?? '';
  return weighted?.name || (headers.get(weighted?.header ?? '') ?? '');
}
