/**
 * Models RouteMatch: all conditions of a route must hold; the path is only one of them.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
 */
import type { Message } from '../config/message.ts';
import type { Runtime } from '../config/runtime.ts';
import type { HeaderMap } from '../http/header-map.ts';
import { compileHeaderMatcher, type HeaderMatcher } from '../matching/header-matcher.ts';
import { compileIpRange, isInRange } from '../matching/ip-range.ts';
import { compileStringMatcher } from '../matching/string-matcher.ts';
import { compileMetadataMatcher, type Metadata } from '../matching/value-matcher.ts';
import { compilePathMatcher, type PathMatcher } from './path-matcher.ts';

/** What a route decision may look at. */
export interface RouteInput {
  readonly headers: HeaderMap;
  /** The path without query and fragment, and the query ("a=b") when there is one. */
  readonly path: string;
  readonly query: string | undefined;
  /** One number a stream decides all its fractions and weights. */
  random(): number;
  readonly isTls: boolean;
  readonly clientCertificatePresented: boolean;
  readonly clientCertificateValidated: boolean;
  readonly metadata: Metadata | undefined;
  filterState(key: string): unknown;
}

/** Why a route did not match: the first condition that failed. */
export type Mismatch =
  | 'path'
  | 'runtime-fraction'
  | 'grpc'
  | 'headers'
  | 'query-parameters'
  | 'tls-context'
  | 'filter-state'
  | 'metadata';

export interface RouteMatcher {
  readonly path: PathMatcher;
  /** Undefined: it matches. */
  mismatch(input: RouteInput): Mismatch | undefined;
}

type Condition = (input: RouteInput) => boolean;

/** Answers "is a RuntimeFractionalPercent on?"; the router check tool has its own rule. */
export type FractionTest = (fraction: Message, input: RouteInput) => boolean;

export function runtimeFractionTest(runtime: Runtime): FractionTest {
  return (fraction, input) => input.random() % 1_000_000 < runtime.perMillion(fraction, 1_000_000);
}

export function compileRouteMatcher(match: Message, isFractionOn: FractionTest): RouteMatcher {
  const path = compilePathMatcher(match);
  const conditions = compileConditions(match, isFractionOn);
  if (conditions.length === 0)
    return {
      path,
      mismatch: (input) => (path.matches(input.path, input.headers) ? undefined : 'path'),
    };
  return {
    path,
    mismatch(input) {
      if (!path.matches(input.path, input.headers)) return 'path';
      for (const [name, holds] of conditions) if (!holds(input)) return name;
      return undefined;
    },
  };
}

function compileConditions(
  match: Message,
  isFractionOn: FractionTest,
): (readonly [Mismatch, Condition])[] {
  const conditions: (readonly [Mismatch, Condition])[] = [];
  const fraction = match.message('runtime_fraction');
  if (fraction) conditions.push(['runtime-fraction', (input) => isFractionOn(fraction, input)]);
  if (match.has('grpc')) conditions.push(['grpc', (input) => isGrpc(input.headers)]);
  const headers = match.messages('headers').map(compileHeaderMatcher);
  if (headers.length > 0) conditions.push(['headers', headersCondition(headers)]);
  const parameters = match.messages('query_parameters').map(compileQueryParameter);
  if (parameters.length > 0)
    conditions.push(['query-parameters', (input) => parameters.every((test) => test(input))]);
  const tls = match.message('tls_context');
  if (tls) conditions.push(['tls-context', tlsCondition(tls)]);
  const metadata = match.messages('dynamic_metadata').map(compileMetadataMatcher);
  if (metadata.length > 0)
    conditions.push(['metadata', (input) => metadata.every((test) => test(input.metadata))]);
  const states = match.messages('filter_state').map(compileFilterState);
  if (states.length > 0)
    conditions.push(['filter-state', (input) => states.every((test) => test(input))]);
  return conditions;
}

/** FilterStateMatcher: on a text, or on an address. */
function compileFilterState(matcher: Message): Condition {
  const key = matcher.text('key');
  const wanted = matcher.message('string_match');
  const test = wanted && compileStringMatcher(wanted);
  const ranges = matcher.messageOrEmpty('address_match').messages('ranges').map(compileIpRange);
  return (input) => {
    const value = input.filterState(key);
    if (typeof value !== 'string') return false;
    return test ? test(value) : ranges.some((range) => isInRange(range, value));
  };
}

function headersCondition(matchers: readonly HeaderMatcher[]): Condition {
  return ({ headers }) => {
    for (const matcher of matchers) if (!matcher.matches(headers)) return false;
    return true;
  };
}

/** A content type of gRPC: "application/grpc", "application/grpc+proto". */
export function isGrpc(headers: HeaderMap): boolean {
  const type = headers.get('content-type');
  if (type === undefined || !type.startsWith('application/grpc')) return false;
  return type.length === 16 || type[16] === '+';
}

function compileQueryParameter(matcher: Message): Condition {
  const name = matcher.text('name');
  const wanted = matcher.message('string_match');
  const test = wanted && compileStringMatcher(wanted);
  const present = matcher.boolean('present_match');
  return (input) => {
    const value = queryParameter(input.query, name);
    if (test) return value !== undefined && test(value);
    return (value !== undefined) === (present ?? true);
  };
}

/** The first value of a query parameter, as it stands in the query. */
export function queryParameter(query: string | undefined, name: string): string | undefined {
  if (query === undefined) return undefined;
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    if ((equals < 0 ? pair : pair.slice(0, equals)) === name)
      return equals < 0 ? '' : pair.slice(equals + 1);
  }
  return undefined;
}

function tlsCondition(context: Message): Condition {
  const presented = context.boolean('presented');
  const validated = context.boolean('validated');
  return (input) => {
    if (!input.isTls) return false;
    if (presented !== undefined && presented !== input.clientCertificatePresented) return false;
    return validated === undefined || validated === input.clientCertificateValidated;
  };
}
