/**
 * Models GET /ready and GET /server_info: is the server live, since when, and as whom.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/server_info.proto
 * Simplified: of the command line what Istio sets; build and extensions of the node are left out.
 */
import { SECOND } from '../../sim/time.ts';
import { jsonPage, textPage, type AdminPage } from './admin-page.ts';

/** Where istio-proxy drains and stops, see pilot-agent's command line. */
const DRAIN_SECONDS = 45;
const PARENT_SHUTDOWN_SECONDS = 60;

export const readyPage: AdminPage = (_proxy, _query, { state }) =>
  textPage(`${state}\n`, state === 'LIVE' ? 200 : 503);

export const serverInfoPage: AdminPage = ({ stats }, _query, { state, startedUs, node }) => {
  const uptime = `${Math.floor((stats.clock.now - startedUs) / SECOND)}s`;
  return jsonPage({
    version: 'meshwala/1.36.0/Clean/RELEASE/BoringSSL',
    state,
    uptime_current_epoch: uptime,
    uptime_all_epochs: uptime,
    hot_restart_version: 'disabled',
    command_line_options: {
      base_id: '0',
      concurrency: stats.value('server.concurrency') ?? 0,
      local_address_ip_version: 'v4',
      log_level: 'warning',
      drain_time: `${DRAIN_SECONDS}s`,
      parent_shutdown_time: `${PARENT_SHUTDOWN_SECONDS}s`,
      mode: 'Serve',
      disable_hot_restart: true,
      restart_epoch: 0,
      drain_strategy: 'Immediate',
    },
    node,
  });
};
