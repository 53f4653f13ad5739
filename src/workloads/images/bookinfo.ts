/** Models what the four services of Istio's Bookinfo share: port, working time, forwarded headers. */
import type { Micros } from '../../sim/time.ts';
import type { ContainerContext } from '../application.ts';
import { TRACE_HEADERS } from '../forwarded-headers.ts';

export const JSON_TYPE = [['content-type', 'application/json']] as const;

/** What productpage and reviews hand on: trace context, the user and the session. */
export const BOOKINFO_HEADERS: readonly string[] = [
  ...TRACE_HEADERS,
  'end-user',
  'user-agent',
  'cookie',
  'authorization',
  'jwt',
];

/** The port the container declares; 9080 is the image's own. */
export function bookinfoPort(context: ContainerContext): number {
  return context.container.ports[0]?.containerPort ?? 9080;
}

/** Answers after the work is done: at least half the mean, exponentially longer. */
export function after(context: ContainerContext, mean: Micros, answer: () => void): void {
  const work = Math.round(mean / 2) + context.random.exponential(mean / 2);
  context.simulation.schedule(work, run, answer, undefined);
}

function run(answer: () => void): void {
  answer();
}

/** The address of another Bookinfo service, as the environment variables of the images say it. */
export function bookinfoUrl(context: ContainerContext, service: string): string {
  const { env } = context.container;
  const variable = service.toUpperCase();
  const host = env.get(`${variable}_HOSTNAME`) ?? service;
  const domain = env.get('SERVICES_DOMAIN');
  const port = env.get(`${variable}_SERVICE_PORT`) ?? '9080';
  return `http://${host}${domain ? `.${domain}` : ''}:${port}`;
}
