/** Puts the answer of a probe's steps together from outcomes, proxies' logs and what apps saw. */
import type { HeaderMap } from '../../proxy/http/header-map.ts';
import { MS, type Micros } from '../../sim/time.ts';
import { clientFields, proxyFields, type LogFields, type ProxyLog } from './proxy-log.ts';
import { saidIn, type SeenRequest } from './scripted-application.ts';
import type { Sent, StepRun } from './step-runner.ts';

/** Everything that belongs to one step. */
export interface StepEvidence {
  readonly run: StepRun;
  readonly logs: readonly ProxyLog[];
  readonly seen: readonly SeenRequest[];
}

const NOT_SHOWN = new Set(['date', 'x-request-id', 'content-length', 'transfer-encoding']);
const NOT_SEEN = new Set([...NOT_SHOWN].filter((name) => name !== 'x-request-id'));

export function stepAnswer(evidence: StepEvidence): Record<string, unknown> {
  return (evidence.run.step.count ?? 1) > 1 ? manyAnswer(evidence) : oneAnswer(evidence);
}

function oneAnswer({ run, logs, seen }: StepEvidence): Record<string, unknown> {
  const sent = run.sent[0]!;
  const client = clientLog(run, logs, sent.requestId);
  const others = logs.filter((log) => log !== client && isWorthShowing(log));
  const inTime = (client?.attempts ?? 1) > 1 || others.some((log) => log.attempts > 1);
  const answer: Record<string, unknown> = callerView(sent);
  if (client) answer['client'] = clientFields(client);
  if (others.length > 0)
    answer['proxies'] = inOrder(others, inTime, ({ pod, path }) => `${pod} ${path}`).map(
      proxyFields,
    );
  if (seen.length > 0)
    answer['apps_saw'] = inOrder(seen, inTime, ({ pod, path }) => `${pod} ${path}`).map(seenFields);
  return answer;
}

/** What the one who asked got. */
function callerView(sent: Sent): Record<string, unknown> {
  const { http, received, error, durationUs } = sent;
  if (received !== undefined) return { received };
  if (error !== undefined || !http) return { error, duration_ms: rounded(durationUs) };
  const said = saidIn(http.body);
  return {
    status: http.status,
    headers: shownHeaders(http.headers!),
    ...(said ? said : { body: http.body }),
    duration_ms: rounded(durationUs),
  };
}

function manyAnswer({ run, logs, seen }: StepEvidence): Record<string, unknown> {
  const counts: Record<string, number> = {};
  const pods: Record<string, number> = {};
  const calls: Record<string, number> = {};
  const durations: Record<string, [number, number]> = {};
  const sequence: string[] = [];
  const byId = new Map<number, ProxyLog>();
  for (const log of logs)
    if (log.pod === run.step.from && log.isOutbound && log.requestId !== 0)
      byId.set(log.requestId, log);
  for (const sent of run.sent as readonly Sent[]) {
    const key = countKey(sent, byId.get(sent.requestId));
    const pod = podThatAnswered(sent);
    counts[key] = (counts[key] ?? 0) + 1;
    pods[pod] = (pods[pod] ?? 0) + 1;
    const duration = rounded(sent.durationUs);
    const range = (durations[key] ??= [duration, duration]);
    range[0] = Math.min(range[0], duration);
    range[1] = Math.max(range[1], duration);
    sequence.push(`${key} ${pod}`);
  }
  for (const { pod } of seen) calls[pod] = (calls[pod] ?? 0) + 1;
  return {
    n: run.sent.length,
    counts,
    pods,
    app_calls: calls,
    duration_ms: durations,
    ...(run.step.sequence && { sequence }),
  };
}

/** "503 UO", "200 - x2", "tcp -", "connection reset -". */
function countKey(sent: Sent, client: ProxyLog | undefined): string {
  const flags = client && client.flags.length > 0 ? client.flags.join(',') : '-';
  if (sent.received !== undefined) return `tcp ${flags}`;
  const outcome = sent.error ?? String(sent.http!.status);
  const attempts = client && client.attempts > 1 ? ` x${client.attempts}` : '';
  return `${outcome} ${flags}${attempts}`;
}

function podThatAnswered({ http, received }: Sent): string {
  if (received !== undefined) return received.split(':')[0] || '-';
  return (http && !http.error && saidIn(http.body)?.pod) || '-';
}

/** The line of the caller's own sidecar: the request that left it, over when all else is. */
function clientLog(
  run: StepRun,
  logs: readonly ProxyLog[],
  requestId: number,
): ProxyLog | undefined {
  const own = logs.filter(
    (log) => log.pod === run.step.from && log.isOutbound && log.kind !== 'connection',
  );
  return own.findLast((log) => log.requestId === requestId) ?? own[0];
}

/**
 * Of connections only those that this proxy refused say something: not those that the peer gave up
 * (an alert), nor plain text, which the TLS inspector notes as an error of its own.
 */
function isWorthShowing({ kind, flags, downstreamFailure }: ProxyLog): boolean {
  if (kind !== 'connection' || flags.length > 0) return true;
  return /^TLS_error:/.test(downstreamFailure) && !downstreamFailure.includes('_ALERT_');
}

/** By pod and path, or as they happened. */
function inOrder<T>(items: readonly T[], inTime: boolean, key: (item: T) => string): readonly T[] {
  if (inTime) return items;
  return [...items].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    return a < b ? -1 : a > b ? 1 : 0;
  });
}

function seenFields({ pod, method, path, headers, body }: SeenRequest): Record<string, unknown> {
  const shown: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    if (name === ':authority') addTo(shown, 'host', value);
    else if (!name.startsWith(':') && !NOT_SEEN.has(name)) addTo(shown, name, masked(name, value));
  }
  return { pod, method, path, headers: shown, ...(body !== '' && { body }) };
}

function shownHeaders(headers: HeaderMap): Record<string, string | string[]> {
  const shown: Record<string, string | string[]> = {};
  for (const [name, value] of headers.entries())
    if (!name.startsWith(':') && !NOT_SHOWN.has(name)) addTo(shown, name, masked(name, value));
  return shown;
}

/** A repeated header is a list. */
function addTo(shown: Record<string, string | string[]>, name: string, value: string): void {
  const known = shown[name];
  if (known === undefined) shown[name] = value;
  else if (typeof known === 'string') shown[name] = [known, value];
  else known.push(value);
}

function masked(name: string, value: string): string {
  if (name === 'x-request-id' || name === 'x-envoy-upstream-service-time') return '*';
  return name === 'x-forwarded-client-cert' ? value.replace(/(?<=Hash=)[0-9a-f]+/g, '*') : value;
}

/** Milliseconds, to the nearest hundred. */
function rounded(duration: Micros): number {
  return Math.round(duration / (100 * MS)) * 100;
}

export type { LogFields };
