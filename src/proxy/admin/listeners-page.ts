/**
 * Models GET /listeners: the listeners that serve, with their addresses.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/operations/admin#get--listeners
 */
import { addressText } from '../../sim/network/address.ts';
import { jsonPage, textPage, withoutDefaults, type AdminPage } from './admin-page.ts';

export const listenersPage: AdminPage = ({ listeners }, query) => {
  const { active } = listeners;
  if (query.text('format') !== 'json')
    return textPage(
      active.map(({ name, address }) => `${name}::${addressText(address)}\n`).join(''),
    );
  const statuses = active.map(({ name, address }) => ({
    name,
    local_address: { socket_address: { address: address.ip, port_value: address.port } },
  }));
  return jsonPage(withoutDefaults({ listener_statuses: statuses }));
};
