/**
 * TCP ports of ServiceEntries need addresses: nothing else tells their traffic apart.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0134/
 */
import type { Analyzer } from '../context.ts';

export const protocolAddressesAnalyzer: Analyzer = {
  name: 'serviceentry.ProtocolAddressesAnalyzer',
  run(context) {
    const metadata = context.meshConfig.defaultConfig?.proxyMetadata ?? {};
    const isOn = (name: string) => metadata[name] === 'true';
    const allocates =
      isOn('ISTIO_META_DNS_CAPTURE') &&
      (isOn('ISTIO_META_DNS_AUTO_ALLOCATE') || isOn('PILOT_ENABLE_IP_AUTOALLOCATE'));
    if (allocates) return;
    for (const entry of context.all('ServiceEntry')) {
      const status = entry.object['status'] as { addresses?: readonly unknown[] } | undefined;
      if (entry.spec.addresses || status?.addresses?.length) continue;
      entry.spec.ports?.forEach(({ protocol = '' }, index) => {
        if (protocol !== '' && protocol.toUpperCase() !== 'TCP') return;
        context.report(
          'ServiceEntryAddressesRequired',
          entry,
          [],
          ['spec', 'ports', index, 'name'],
        );
      });
    }
  },
};
