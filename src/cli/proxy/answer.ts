/** The answer of `proxy`: what clients got, logs said and upstreams saw (format: oracle/envoy). */
import { addressText } from '../../sim/network/address.ts';
import { MS } from '../../sim/time.ts';
import type { Proxy } from '../../proxy/proxy.ts';
import type { StreamInfo } from '../../proxy/stream-info.ts';
import type { Exchange } from './scripted-client.ts';
import type { SeenRequest } from './scripted-upstream.ts';
import type { Script, StepSpec } from './script.ts';

export type Json = Record<string, unknown>;

export interface Answer {
  readonly steps: Json;
  readonly [more: string]: unknown;
}

export interface Evidence {
  readonly infos: readonly StreamInfo[];
  readonly connectionInfos: readonly StreamInfo[];
  readonly seen: readonly SeenRequest[];
  readonly names: ReadonlyMap<string, string>;
  readonly proxy: Proxy;
}

export function statsOf(proxy: Proxy, names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, proxy.stats.value(name) ?? null]));
}

/** Health flags of each host; an empty list is a healthy host. */
export function healthOf(
  proxy: Proxy,
  clusters: readonly string[],
  names: ReadonlyMap<string, string>,
): Json {
  return Object.fromEntries(
    clusters.map((name) => {
      const sets = proxy.clusters.cluster(name)?.membership.priorities.sets ?? [];
      const hosts = sets.flatMap((set) => set.all.hosts);
      return [
        name,
        Object.fromEntries(
          hosts.map((host) => [names.get(host.address) ?? host.address, flagList(host.healthText)]),
        ),
      ];
    }),
  );
}

/** Flags of the text form → names of the JSON form. */
const JSON_NAMES: Readonly<Record<string, string>> = {
  failed_active_hc: 'failed_active_health_check',
  degraded_active_hc: 'failed_active_degraded_check',
  eds_status_draining: 'eds:DRAINING',
  failed_eds_health: 'eds:UNHEALTHY',
  degraded_eds_health: 'eds:DEGRADED',
};

function flagList(text: string): string[] {
  if (text === 'healthy') return [];
  return text
    .split('/')
    .filter((flag) => flag !== '')
    .map((flag) => JSON_NAMES[flag] ?? flag)
    .sort();
}

export function buildAnswer(
  script: Script,
  results: ReadonlyMap<string, Exchange[] | object>,
  evidence: Evidence,
  stats: Json | undefined,
  health: Json | undefined,
): Answer {
  const steps: Json = {};
  for (const step of script.steps) {
    const raw = results.get(step.id);
    if (!Array.isArray(raw)) steps[step.id] = raw ?? { error: 'the step did not run' };
    else {
      const entries = (raw as Exchange[]).map((result, n) => entryOf(step, result, n, evidence));
      steps[step.id] = entries.length === 1 ? entries[0] : summary(entries);
    }
  }
  const recorded = new Set(
    (script.upstreams ?? []).filter(({ record }) => record === 'all').map(({ name }) => name),
  );
  return {
    steps,
    ...(stats ? { stats } : {}),
    ...(health ? { clusters: health } : {}),
    ...(script.compare?.connection_log ? { connection_log: connectionLog(evidence) } : {}),
    ...(recorded.size > 0 ? { other_requests: otherRequests(evidence, recorded) } : {}),
  };
}

function otherRequests({ seen }: Evidence, recorded: ReadonlySet<string>): Json[] {
  return seen
    .filter((one) => recorded.has(one.upstream) && caseIdOf(one.pairs) === undefined)
    .map(tidySaw);
}

function caseIdOf(pairs: readonly (readonly [string, string])[]): string | undefined {
  return pairs.find(([name]) => name === 'x-case-id')?.[1];
}

function connectionLog({ connectionInfos }: Evidence): Json[] {
  return connectionInfos.map((info) => ({
    listener: addressText(info.downstreamLocal),
    ...(info.flags.length > 0 ? { flags: info.flags } : {}),
    ...(info.details ? { details: info.details } : {}),
    ...(info.terminationDetails ? { termination: info.terminationDetails } : {}),
    ...(info.requestedServerName ? { sni: info.requestedServerName } : {}),
    ...(info.downstreamTransportFailure
      ? { downstream_failure: info.downstreamTransportFailure.replaceAll(' ', '_') }
      : {}),
  }));
}

function entryOf(step: StepSpec, result: Exchange, n: number, evidence: Evidence): Json {
  const caseId = `${step.id}.${n}`;
  const entry: Json = {};
  if (result.status !== undefined) {
    entry['status'] = result.status;
    entry['headers'] = tidyHeaders(result.pairs ?? []);
  }
  if (result.body !== undefined) entry['body'] = tidyBody(result.body);
  for (const key of ['protocol', 'interim', 'closes', 'error', 'received', 'end'] as const)
    if (result[key] !== undefined) entry[key] = result[key];
  const mine = evidence.infos.filter((info) => isOf(info, caseId, result.client));
  const here = mine.filter((info) => addressText(info.downstreamLocal) === step.listener);
  const own = here.at(-1);
  if (own) Object.assign(entry, logOf(own, evidence.names));
  const hops = mine.filter((info) => info !== own);
  if (hops.length > 0) entry['hops'] = hops.map((info) => hopOf(info, evidence.names));
  if (own?.tries && own.tries.length > 0)
    entry['tries'] = own.tries.map(({ host, status, flags }) => ({
      upstream: nameOf(host?.address, evidence.names),
      status,
      flags,
    }));
  const saw = evidence.seen.filter(({ pairs }) => caseIdOf(pairs) === caseId);
  if (saw.length > 0) entry['upstream_saw'] = saw.map(tidySaw);
  return entry;
}

function isOf(info: StreamInfo, caseId: string, client: string | undefined): boolean {
  const id = info.requestHeaders?.get('x-case-id');
  if (id !== undefined) return id === caseId;
  return addressText(info.downstreamRemote) === client;
}

function nameOf(address: string | undefined, names: ReadonlyMap<string, string>): string | null {
  return address === undefined ? null : (names.get(address) ?? address);
}

function logOf(info: StreamInfo, names: ReadonlyMap<string, string>): Json {
  return {
    flags: info.flags,
    ...(info.details ? { details: info.details } : {}),
    ...(info.attempts > 0 ? { attempts: info.attempts } : {}),
    upstream: nameOf(info.upstreamHost?.address, names),
    ...(info.cluster ? { cluster: info.cluster } : {}),
    ...(info.routeName ? { route: info.routeName } : {}),
    ...(info.virtualCluster ? { virtual_cluster: info.virtualCluster } : {}),
    ...(info.terminationDetails ? { termination: info.terminationDetails } : {}),
    ...(info.upstreamTransportFailure
      ? { transport_failure: info.upstreamTransportFailure.replaceAll(' ', '_') }
      : {}),
    duration_ms: (info.endTime - info.startTime) / MS,
  };
}

function hopOf(info: StreamInfo, names: ReadonlyMap<string, string>): Json {
  return {
    listener: addressText(info.downstreamLocal),
    ...(info.kind === 'http' ? { status: info.status } : {}),
    flags: info.flags,
    ...(info.details ? { details: info.details } : {}),
    upstream: nameOf(info.upstreamHost?.address, names),
    ...(info.cluster ? { cluster: info.cluster } : {}),
    ...(info.routeName ? { route: info.routeName } : {}),
    ...(info.upstreamTransportFailure
      ? { transport_failure: info.upstreamTransportFailure.replaceAll(' ', '_') }
      : {}),
  };
}

/** Lower-case, sorted by name, volatile values masked. */
function tidyHeaders(pairs: readonly (readonly [string, string])[]): [string, string][] {
  const out: [string, string][] = [];
  for (const [name, value] of pairs) {
    if (name === 'date' || name === 'x-case-id') continue;
    if (name === 'x-request-id' || name === 'x-envoy-upstream-service-time') out.push([name, '*']);
    else if (name === 'x-envoy-expected-rq-timeout-ms')
      out.push([name, String(Math.round(Number(value) / 100) * 100)]);
    else out.push([name, value]);
  }
  return out.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
}

const BODY_CHARACTERS_MAX = 400;

function tidyBody(body: string): string | Json {
  return body.length <= BODY_CHARACTERS_MAX ? body : { bytes: body.length };
}

function tidySaw({ upstream, method, path, pairs, body }: SeenRequest): Json {
  const saw: Json = { upstream, method, path, headers: tidyHeaders(pairs) };
  if (body !== '') saw['body'] = tidyBody(body);
  return saw;
}

/** Many requests: who got how many, and the order. */
function summary(entries: readonly Json[]): Json {
  const counts = new Map<string, Json & { n: number }>();
  const upstreams = new Map<string, number>();
  const sequence: string[] = [];
  for (const entry of entries) {
    const what: Json = {};
    for (const key of ['status', 'flags', 'details', 'error'])
      if (entry[key] !== undefined) what[key] = entry[key];
    what['flags'] ??= [];
    const key = JSON.stringify(what);
    const known = counts.get(key);
    if (known) known.n += 1;
    else counts.set(key, { ...what, n: 1 });
    for (const name of upstreamsOf(entry)) upstreams.set(name, (upstreams.get(name) ?? 0) + 1);
    const head = entry['status'] ?? entry['error'] ?? entry['received'];
    sequence.push(`${String(head)} ${String(entry['upstream'] ?? '-')}`);
  }
  return {
    counts: [...counts.values()],
    upstreams: Object.fromEntries([...upstreams].sort(([one], [other]) => (one < other ? -1 : 1))),
    sequence,
  };
}

function upstreamsOf(entry: Json): string[] {
  const tries = entry['tries'] as { upstream: string | null }[] | undefined;
  const names = tries ? tries.map(({ upstream }) => upstream) : [entry['upstream']];
  return names.filter((name): name is string => typeof name === 'string');
}
