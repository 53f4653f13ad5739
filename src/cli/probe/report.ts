/** A probe's answer for a person: request by request, hop by hop. */
import type { ProbeCase, Step } from './case.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What `answer` (of runProbe) says of each step of the case. */
export function probeReport(probe: ProbeCase, answer: Fields): string {
  const steps = answer['steps'] as Readonly<Record<string, Fields>>;
  const lines = [probe.setting.title ?? probe.name];
  for (const document of answer['documents'] as readonly Fields[])
    if (!document['accepted'])
      lines.push(`refused: ${document['kind']} ${document['name']} (${document['stage']})`);
  for (const step of probe.requests.steps) {
    const found = steps[step.id];
    if (found) lines.push('', ...stepLines(step, found));
  }
  return `${lines.join('\n')}\n`;
}

function stepLines(step: Step, found: Fields): string[] {
  const asked = `${step.id}: ${step.from} ${request(step)}`;
  if (found['counts'])
    return [
      `${asked}, ${found['n']} times`,
      `  outcomes  ${shares(found['counts'])}`,
      `  answered  ${shares(found['pods'])}`,
    ];
  const lines = [asked];
  if (found['client']) lines.push(`  ${step.from} ${hop(found['client'] as Fields)}`);
  for (const log of (found['proxies'] ?? []) as readonly Fields[])
    lines.push(`  ${log['pod']} ${hop(log)}`);
  for (const { pod, method, path } of (found['apps_saw'] ?? []) as readonly Fields[])
    lines.push(`  ${pod} received ${method} ${path}`);
  lines.push(`  = ${outcome(found)}`);
  return lines;
}

function request({ to, tcp, method = 'GET', path = '/' }: Step): string {
  const where = `${to?.host}:${to?.port}`;
  return tcp === undefined ? `${method} ${where}${path}` : `sends bytes to ${where}`;
}

function hop(log: Fields): string {
  const flags = log['flags'] ? (log['flags'] as readonly string[]).join(',') : '-';
  const where = [log['cluster'], log['upstream']].filter(Boolean).join(' → ') || 'no upstream';
  const attempts = log['attempts'] && log['attempts'] !== 1 ? `, ${log['attempts']} attempts` : '';
  const details = log['details'] ? ` (${log['details']})` : '';
  return `${where}: ${log['status'] ?? 'no status'} ${flags}${details}${attempts}`;
}

function outcome(found: Fields): string {
  const took = found['duration_ms'] === undefined ? '' : ` after ${found['duration_ms']} ms`;
  if (found['received'] !== undefined) return `received ${JSON.stringify(found['received'])}`;
  if (found['error'] !== undefined) return `${found['error']}${took}`;
  const who = found['pod'] ? ` from ${found['pod']} ${found['version']}` : ` "${found['body']}"`;
  return `${found['status']}${who}${took}`;
}

function shares(counts: unknown): string {
  return Object.entries(counts as Readonly<Record<string, number>>)
    .map(([key, count]) => `${key}: ${count}`)
    .join(', ');
}
