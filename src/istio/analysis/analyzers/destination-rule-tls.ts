/**
 * TLS of DestinationRules that verifies no server.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0128/ and ist0129/
 */
import type { ClientTls } from '../../kinds/traffic-policy.ts';
import type { Analyzer } from '../context.ts';

export const caCertificateAnalyzer: Analyzer = {
  name: 'destinationrule.CaCertificateAnalyzer',
  run(context) {
    for (const rule of context.all('DestinationRule')) {
      const { trafficPolicy, host, workloadSelector } = rule.spec;
      const { fullName, namespace } = rule;
      const isUnverified = (tls: ClientTls | undefined): tls is ClientTls =>
        (tls?.mode === 'SIMPLE' || tls?.mode === 'MUTUAL') &&
        !tls.caCertificates &&
        !(tls.credentialName && workloadSelector);
      const tls = trafficPolicy?.tls;
      if (isUnverified(tls))
        context.report(
          'NoServerCertificateVerificationDestinationLevel',
          rule,
          [fullName, namespace, tls.mode ?? '', host ?? ''],
          ['spec', 'trafficPolicy', 'tls'],
        );
      trafficPolicy?.portLevelSettings?.forEach((settings, index) => {
        if (!isUnverified(settings.tls)) return;
        const port = settings.port?.number ? `number:${settings.port.number}` : '';
        context.report(
          'NoServerCertificateVerificationPortLevel',
          rule,
          [fullName, namespace, settings.tls.mode ?? '', host ?? '', port],
          ['spec', 'trafficPolicy', 'portLevelSettings', index, 'tls'],
        );
      });
    }
  },
};
