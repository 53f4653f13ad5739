/**
 * Models external authorization over HTTP: another service says yes, or what to answer.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/ext_authz_filter.
 * Simplified: a gRPC service is asked as an HTTP one at the path of its method.
 */
import type { Micros } from '../../sim/time.ts';
import { MS } from '../../sim/time.ts';
import type { Message } from '../config/message.ts';
import type {
  FilterContext,
  FilterFactory,
  FilterStatus,
  HttpFilter,
} from '../http/http-filter.ts';
import { statusCode } from '../http/connection-manager-config.ts';
import { HeaderMap } from '../http/header-map.ts';
import type { HttpStream } from '../http/stream.ts';
import { sendHttpCall, type CallResponse } from '../http/http-call.ts';
import { compileStringMatcher, type TextTest } from '../matching/string-matcher.ts';
import { compileMetadataMatcher } from '../matching/value-matcher.ts';

const GRPC_PATH = '/envoy.service.auth.v3.Authorization/Check';
/** Headers of a denial that always reach the client. */
const CLIENT_HEADERS: ReadonlySet<string> = new Set([
  'content-length',
  'content-type',
  'www-authenticate',
  'location',
]);
const ALWAYS_SENT: ReadonlySet<string> = new Set([
  ':method',
  ':path',
  ':authority',
  'authorization',
]);
/** The call to the service goes on, or its verdict has come. */
type Progress = 'asking' | 'allowed' | 'answered';

class ExtAuthz implements HttpFilter {
  readonly name: string;
  readonly #cluster: string;
  readonly #authority: string;
  readonly #pathPrefix: string;
  readonly #isGrpc: boolean;
  readonly #timeoutUs: Micros;
  readonly #sentHeaders: TextTest | undefined;
  readonly #addedHeaders: readonly (readonly [string, string])[];
  readonly #upstreamHeaders: TextTest;
  readonly #clientHeaders: TextTest | undefined;
  readonly #successHeaders: TextTest;
  readonly #allowsFailure: boolean;
  readonly #marksFailure: boolean;
  readonly #errorStatus: number;
  readonly #bodyBytesMax: number;
  readonly #allowsPartialBody: boolean;
  readonly #isWanted: (stream: HttpStream) => boolean;

  constructor(name: string, config: Message) {
    this.name = name;
    const http = config.message('http_service');
    const server = http?.messageOrEmpty('server_uri');
    const grpc = config.message('grpc_service');
    this.#isGrpc = !http;
    this.#cluster =
      server?.text('cluster') ?? grpc?.messageOrEmpty('envoy_grpc').text('cluster_name') ?? '';
    this.#authority =
      server === undefined
        ? (grpc?.messageOrEmpty('envoy_grpc').text('authority') ?? '')
        : server
            .text('uri')
            .replace(/^https?:\/\//, '')
            .replace(/\/.*$/, '');
    this.#timeoutUs = server?.durationUs('timeout') ?? grpc?.durationUs('timeout') ?? 200 * MS;
    this.#pathPrefix = http?.text('path_prefix') ?? '';
    const request = http?.messageOrEmpty('authorization_request');
    const response = http?.messageOrEmpty('authorization_response');
    this.#addedHeaders = (request?.messages('headers_to_add') ?? []).map(
      (header) => [header.text('key').toLowerCase(), header.text('value')] as const,
    );
    this.#sentHeaders =
      patterns(config.message('allowed_headers')) ?? patterns(request?.message('allowed_headers'));
    this.#upstreamHeaders = patterns(response?.message('allowed_upstream_headers')) ?? NONE;
    this.#clientHeaders = patterns(response?.message('allowed_client_headers'));
    this.#successHeaders = patterns(response?.message('allowed_client_headers_on_success')) ?? NONE;
    this.#allowsFailure = config.flag('failure_mode_allow');
    this.#marksFailure = config.flag('failure_mode_allow_header_add');
    this.#errorStatus = statusCode(config.message('status_on_error')?.json['code'], 403);
    const body = config.message('with_request_body');
    this.#bodyBytesMax = body?.number('max_request_bytes') ?? 0;
    this.#allowsPartialBody = body?.flag('allow_partial_message') ?? false;
    const metadata = config.message('filter_enabled_metadata');
    const matcher = metadata && compileMetadataMatcher(metadata);
    this.#isWanted = (stream) => matcher?.(stream.info.dynamicMetadata) ?? true;
  }

  decode(stream: HttpStream): FilterStatus {
    const progress = stream.recall(this) as Progress | undefined;
    if (progress !== undefined) return progress === 'allowed' ? 'continue' : 'stop';
    const perRoute = stream.routeConfig(this.name) as { disabled: boolean } | undefined;
    if (perRoute?.disabled || !this.#isWanted(stream)) return 'continue';
    if (this.#bodyBytesMax > 0) {
      if (stream.body.length > this.#bodyBytesMax && !this.#allowsPartialBody)
        return this.#tooLarge(stream);
      if (!stream.requestEnded && stream.body.length < this.#bodyBytesMax) return 'buffer';
    }
    stream.remember(this, 'asking' satisfies Progress);
    this.#ask(stream);
    return stream.recall(this) === 'allowed' ? 'continue' : 'stop';
  }

  #tooLarge(stream: HttpStream): FilterStatus {
    stream.manager.stats.rqTooLarge.inc();
    stream.connection.closeAfterResponse();
    stream.sendLocalReply({
      status: 413,
      body: 'Payload Too Large',
      details: 'request_payload_too_large',
    });
    return 'stop';
  }

  #ask(stream: HttpStream): void {
    const headers = this.#requestHeaders(stream);
    const body = this.#bodyBytesMax > 0 ? stream.body.slice(0, this.#bodyBytesMax) : '';
    headers.set('content-length', String(body.length));
    sendHttpCall(stream, this.#cluster, headers, body, this.#timeoutUs, (response) => {
      if (stream.isDone) return;
      if (response) this.#onResponse(stream, response);
      else this.#onError(stream);
    });
  }

  #requestHeaders(stream: HttpStream): HeaderMap {
    const headers = new HeaderMap();
    const { headers: from } = stream;
    for (const [name, value] of from.entries()) {
      const isSent = ALWAYS_SENT.has(name) || (this.#sentHeaders?.(name) ?? false);
      if (isSent && name !== 'content-length') headers.add(name, value);
    }
    const path = from.get(':path') ?? '/';
    headers.set(':path', this.#isGrpc ? GRPC_PATH : this.#pathPrefix + path);
    headers.set(':scheme', 'http');
    if (this.#isGrpc && this.#authority !== '') headers.set(':authority', this.#authority);
    for (const [name, value] of this.#addedHeaders) headers.set(name, value);
    return headers;
  }

  #onResponse(stream: HttpStream, response: CallResponse): void {
    const status = Number(response.headers.get(':status'));
    if (status >= 500) {
      this.#onError(stream);
      return;
    }
    if (status === 200) this.#allow(stream, response.headers);
    else this.#deny(stream, status, response);
  }

  #allow(stream: HttpStream, headers: HeaderMap): void {
    this.#count(stream, 'ok');
    const forClient: [string, string][] = [];
    for (const [name, value] of headers.entries()) {
      if (name.startsWith(':')) continue;
      if (this.#upstreamHeaders(name)) stream.headers.set(name, value);
      if (this.#successHeaders(name)) forClient.push([name, value]);
    }
    this.#goOn(stream, forClient);
  }

  #goOn(stream: HttpStream, forClient: [string, string][]): void {
    stream.remember(this, 'allowed' satisfies Progress);
    if (forClient.length > 0)
      stream.onRespond((headers) => {
        for (const [name, value] of forClient) headers.add(name, value);
      });
    stream.continueDecoding();
  }

  #deny(stream: HttpStream, status: number, response: CallResponse): void {
    this.#count(stream, 'denied');
    stream.remember(this, 'answered' satisfies Progress);
    stream.sendLocalReply({
      status,
      body: response.body,
      details: 'ext_authz_denied',
      flag: 'UAEX',
      headers: (headers) => {
        for (const [name, value] of response.headers.entries()) {
          if (name.startsWith(':')) continue;
          const isAllowed = this.#clientHeaders
            ? this.#clientHeaders(name) || CLIENT_HEADERS.has(name)
            : true;
          if (isAllowed && name !== 'content-length') headers.add(name, value);
        }
      },
    });
  }

  #onError(stream: HttpStream): void {
    this.#count(stream, 'error');
    if (this.#allowsFailure) {
      this.#count(stream, 'failure_mode_allowed');
      if (this.#marksFailure) stream.headers.set('x-envoy-auth-failure-mode-allowed', 'true');
      this.#goOn(stream, []);
      return;
    }
    stream.remember(this, 'answered' satisfies Progress);
    stream.sendLocalReply({
      status: this.#errorStatus,
      body: '',
      details: 'ext_authz_error',
      flag: 'UAEX',
    });
  }

  /** Charged to the cluster that the request would have gone to. */
  #count(stream: HttpStream, what: string): void {
    stream.proxy.clusters.cluster(stream.info.cluster)?.count(`ext_authz.${what}`);
  }
}

const NONE: TextTest = () => false;

/** A ListStringMatcher on header names. */
function patterns(list: Message | undefined): TextTest | undefined {
  if (!list) return undefined;
  const tests = list.messages('patterns').map(compileStringMatcher);
  return (name) => tests.some((test) => test(name));
}

export const extAuthz: FilterFactory = {
  types: ['envoy.extensions.filters.http.ext_authz.v3.ExtAuthz'],
  routeTypes: ['envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute'],
  create: (name, config, _context: FilterContext) => new ExtAuthz(name, config),
  compileRoute: (config) => ({ disabled: config.flag('disabled') }),
};
