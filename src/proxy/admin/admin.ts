/**
 * Models the admin interface of a proxy: what `curl localhost:15000/…` inside the pod answers.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/admin
 * Simplified: no HTML home page and no profilers, heap, memory or log levels: those answer 501.
 */
import { ConfigError } from '../config/config-error.ts';
import type { Proxy } from '../proxy.ts';
import {
  jsonPage,
  textPage,
  type AdminFacts,
  type AdminPage,
  type AdminResponse,
} from './admin-page.ts';
import { certificatesPage } from './certificates-page.ts';
import { clustersPage } from './clusters-page.ts';
import { ADMIN_COMMANDS, commandList } from './commands.ts';
import { configDumpPage } from './config-dump.ts';
import { listenersPage } from './listeners-page.ts';
import { AdminQuery } from './query.ts';
import { readyPage, serverInfoPage } from './server-page.ts';
import { prometheusPage, statsPage } from './stats-page.ts';

export type { AdminFacts, AdminResponse, ServerState } from './admin-page.ts';

const DONE = 'OK\n';

const PAGES: Readonly<Record<string, AdminPage>> = {
  '/certs': certificatesPage,
  '/clusters': clustersPage,
  '/config_dump': configDumpPage,
  '/drain_listeners': (proxy) => {
    proxy.drain();
    return textPage(DONE);
  },
  '/help': () => textPage(`admin commands are:\n${commandList()}`),
  '/hot_restart_version': () => textPage('disabled'),
  '/init_dump': () => jsonPage({}),
  '/listeners': listenersPage,
  '/ready': readyPage,
  '/reset_counters': ({ stats }) => {
    stats.resetCounters();
    return textPage(DONE);
  },
  '/server_info': serverInfoPage,
  '/stats': statsPage,
  '/stats/prometheus': prometheusPage,
};

/**
 * The answer to `method target` ("/clusters?format=json"). It changes nothing but by POST: then
 * /reset_counters and /drain_listeners do what they say.
 */
export function adminResponse(
  proxy: Proxy,
  target: string,
  facts: AdminFacts,
  method: 'GET' | 'POST' = 'GET',
): AdminResponse {
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const command = ADMIN_COMMANDS.find((one) => one.path === path);
  if (!command) return textPage(`invalid path. admin commands are:\n${commandList()}`, 404);
  if (command.mutates && method !== 'POST')
    return textPage(`Method ${method} not allowed, POST required.`, 405);
  if (!Object.hasOwn(PAGES, path)) return textPage(`${path} is not modelled here\n`, 501);
  try {
    return PAGES[path]!(
      proxy,
      new AdminQuery(question < 0 ? '' : target.slice(question + 1)),
      facts,
    );
  } catch (error) {
    if (error instanceof ConfigError) return textPage(`Invalid re2 regex: ${error.message}`, 400);
    throw error;
  }
}
