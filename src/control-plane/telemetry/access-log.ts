/**
 * Models access logs of listeners and connection managers.
 *
 * Spec: istio pilot/pkg/networking/core/accesslog.go.
 */
import type { AccessLog } from '../../xds/resources/access-log.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';

export function accessLogs(
  _proxy: Proxy,
  _listenerClass: ListenerClass,
  _place: 'http' | 'tcp' | 'listener',
): AccessLog[] {
  return [];
}
