/** The tests of router_check_tool: inputs, expectations and what differs. */
import { Message } from '../../proxy/config/message.ts';
import { HeaderMap } from '../../proxy/http/header-map.ts';
import { compileHeaderMatcher } from '../../proxy/matching/header-matcher.ts';
import { probeRoute, type ProbeAnswer } from '../../proxy/router/route-probe.ts';
import type { RouteTable } from '../../proxy/router/route-table.ts';

export interface RouteTest {
  readonly test_name: string;
  readonly input: {
    readonly authority?: string;
    readonly path?: string;
    readonly method?: string;
    readonly random_value?: number | string;
    readonly ssl?: boolean;
    readonly internal?: boolean;
    readonly runtime?: string;
    readonly additional_request_headers?: readonly Pair[];
    readonly additional_response_headers?: readonly Pair[];
    readonly dynamic_metadata?: readonly MetadataInput[];
  };
  readonly validate: Readonly<Record<string, unknown>>;
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

interface MetadataInput {
  readonly metadata_namespace: string;
  readonly value?: Readonly<Record<string, unknown>>;
  readonly allow_overwrite?: boolean;
}

export interface Failure {
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface TestResult {
  readonly name: string;
  readonly passed: boolean;
  readonly failures: readonly Failure[];
}

export function runRouteTest(table: RouteTable, test: RouteTest): TestResult {
  const answer = probeRoute(table, {
    headers: requestHeaders(test),
    responseHeaders: HeaderMap.of(
      (test.input.additional_response_headers ?? []).map(({ key, value }) => [key, value]),
    ),
    isTls: test.input.ssl ?? false,
    random: Number(test.input.random_value ?? 0),
    runtime: test.input.runtime ?? '',
    metadata: metadataOf(test),
  });
  const failures = Object.entries(test.validate).flatMap(([field, expected]) =>
    failuresOf(field, expected, answer),
  );
  return { name: test.test_name, passed: failures.length === 0, failures };
}

function requestHeaders({ input }: RouteTest): HeaderMap {
  const scheme = input.ssl ? 'https' : 'http';
  const headers = HeaderMap.of([
    [':authority', input.authority ?? ''],
    [':path', input.path ?? ''],
    [':method', input.method ?? 'GET'],
    [':scheme', scheme],
    ['x-forwarded-proto', scheme],
  ]);
  if (input.internal) headers.set('x-envoy-internal', 'true');
  for (const { key, value } of input.additional_request_headers ?? [])
    headers.add(key.toLowerCase(), value);
  return headers;
}

/** Later entries merge into earlier ones only where they may. */
function metadataOf({ input }: RouteTest) {
  const metadata: Record<string, Record<string, unknown>> = {};
  for (const { metadata_namespace: name, value, allow_overwrite } of input.dynamic_metadata ?? [])
    if (!(name in metadata) || allow_overwrite) metadata[name] = { ...metadata[name], ...value };
  return metadata;
}

function failuresOf(field: string, expected: unknown, answer: ProbeAnswer): Failure[] {
  if (field === 'request_header_matches')
    return headerFailures(field, expected, answer.requestHeaders);
  if (field === 'response_header_matches')
    return headerFailures(field, expected, answer.responseHeaders);
  const actual = actualOf(field, answer);
  const isSame =
    typeof expected === 'object' && expected !== null
      ? contains(actual, expected)
      : String(actual ?? '') === String(expected);
  return isSame ? [] : [{ field, expected, actual: actual ?? '' }];
}

function headerFailures(field: string, expected: unknown, headers: HeaderMap): Failure[] {
  return (expected as object[])
    .filter((matcher) => !compileHeaderMatcher(new Message(matcher)).matches(headers))
    .map((matcher) => {
      const name = new Message(matcher).text('name').toLowerCase();
      return { field, expected: matcher, actual: headers.get(name) ?? '' };
    });
}

/** For redirects and direct responses cluster, host and rewrites are "". */
function actualOf(field: string, answer: ProbeAnswer): unknown {
  const isRouted = answer.route !== undefined && answer.newUri === '';
  switch (field) {
    case 'cluster_name':
      return answer.cluster;
    case 'virtual_cluster_name':
      return isRouted ? answer.virtualCluster : '';
    case 'virtual_host_name':
      return isRouted ? answer.virtualHost : '';
    case 'host_rewrite':
      return isRouted ? answer.requestHeaders.get(':authority') : '';
    case 'path_rewrite':
      return isRouted ? answer.requestHeaders.get(':path') : '';
    case 'path_redirect':
      return answer.newUri;
    case 'code_redirect':
      return answer.status;
    case 'timeout':
      return answer.timeoutUs === undefined ? '' : `${answer.timeoutUs / 1_000_000}s`;
    case 'route_metadata':
      return { filter_metadata: answer.route?.metadata ?? {} };
    default:
      return undefined;
  }
}

function contains(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return actual === expected;
  if (typeof actual !== 'object' || actual === null) return false;
  return Object.entries(expected).every(([key, value]) =>
    contains((actual as Record<string, unknown>)[key], value),
  );
}
