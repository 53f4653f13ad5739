/** The batch form of `route-check`: many small configurations, a few requests each. */
import { load } from 'js-yaml';
import { ConfigError } from '../../proxy/config/config-error.ts';
import { Message } from '../../proxy/config/message.ts';
import { HeaderMap } from '../../proxy/http/header-map.ts';
import { compileProbeTable, probeRoute, type ProbeAnswer } from '../../proxy/router/route-probe.ts';
import type { RouteTable } from '../../proxy/router/route-table.ts';

export interface RouteCases {
  readonly test: string;
  readonly yaml: string;
  readonly default_headers?: Readonly<Record<string, string>>;
  readonly cases: readonly RouteCase[];
}

interface RouteCase {
  readonly host: string;
  readonly path: string | null;
  readonly method: string;
  readonly random?: number | string;
  readonly scheme?: string;
  readonly internal?: boolean;
  readonly headers?: readonly (readonly [string, string])[];
}

export function runRouteCases(group: RouteCases): object {
  try {
    const table = compileProbeTable(new Message(load(group.yaml)));
    const cases = group.cases.map((one) => answerOf(table, group, one));
    return { test: group.test, cases };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { test: group.test, error: error.message };
  }
}

function answerOf(table: RouteTable, group: RouteCases, one: RouteCase): object {
  const scheme = one.scheme ?? 'http';
  const headers = HeaderMap.of([
    [':authority', one.host],
    [':path', one.path ?? ''],
    [':method', one.method],
    [':scheme', scheme],
    ['x-forwarded-proto', scheme],
  ]);
  if (one.path === null) headers.remove(':path');
  if (one.internal) headers.set('x-envoy-internal', 'true');
  for (const [name, value] of Object.entries(group.default_headers ?? {}))
    headers.add(name.toLowerCase(), value);
  for (const [name, value] of one.headers ?? []) headers.add(name.toLowerCase(), value);
  const answer = probeRoute(table, {
    headers,
    responseHeaders: new HeaderMap(),
    isTls: scheme === 'https',
    random: Number(one.random ?? 0),
    runtime: '',
    metadata: undefined,
  });
  return printed(answer);
}

function printed(answer: ProbeAnswer): object {
  if (!answer.route && answer.newUri === '') return { no_route: true };
  const isRouted = answer.newUri === '';
  return {
    ...(isRouted ? { cluster: answer.cluster } : {}),
    ...(answer.virtualHost ? { virtual_host: answer.virtualHost } : {}),
    ...(answer.newUri ? { new_uri: answer.newUri } : {}),
    ...(answer.status === undefined ? {} : { direct_response_code: answer.status }),
    ...(answer.timeoutUs === undefined ? {} : { timeout_ms: answer.timeoutUs / 1000 }),
    ...(isRouted
      ? {
          path_after_rewrite: answer.pathAfterRewrite,
          request_headers: Object.fromEntries(answer.requestHeaders.entries()),
        }
      : {}),
  };
}
