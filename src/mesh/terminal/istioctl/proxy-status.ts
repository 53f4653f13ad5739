/** Models `istioctl proxy-status`. Spec: istioctl 1.30, writer/pilot/status.go. */
import type { ProxyStatus, TypeStatus } from '../../../control-plane/discovery/proxy-status.ts';
import type { XdsType } from '../../../xds/type-url.ts';
import { alignColumns } from '../table.ts';

const SHOWN: readonly XdsType[] = ['CDS', 'LDS', 'EDS', 'RDS'];
const WORDS: Readonly<Record<TypeStatus['state'], string>> = {
  synced: 'SYNCED',
  stale: 'STALE',
  'not-sent': 'NOT SENT',
  nacked: 'ERROR',
};

export interface StatusOptions {
  readonly version: string;
  /** -v 1: a column a type instead of the list of subscribed types. */
  readonly isVerbose: boolean;
}

export function proxyStatusTable(
  statuses: readonly ProxyStatus[],
  { version, isVerbose }: StatusOptions,
): string {
  const sorted = [...statuses].sort((one, other) => (one.proxy.id < other.proxy.id ? -1 : 1));
  const rows = sorted.map(({ proxy, istiod, types }) => {
    const pod = istiod.split('.')[0] ?? istiod;
    const states = SHOWN.map((type) => WORDS[types[type].state]);
    const subscribed = SHOWN.filter((type) => types[type].state !== 'not-sent');
    const list = subscribed.length === 0 ? '0' : `${subscribed.length} (${subscribed.join(',')})`;
    return isVerbose
      ? [proxy.id, proxy.clusterId, ...states, pod, version]
      : [proxy.id, proxy.clusterId, pod, version, list];
  });
  const header = isVerbose
    ? ['NAME', 'CLUSTER', ...SHOWN, 'ISTIOD', 'VERSION']
    : ['NAME', 'CLUSTER', 'ISTIOD', 'VERSION', 'SUBSCRIBED TYPES'];
  return alignColumns([header, ...rows], 5);
}
