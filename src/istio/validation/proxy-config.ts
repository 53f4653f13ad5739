/**
 * Admission of ProxyConfigs.
 * Spec: https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
import type { ProxyConfigSpec } from '../kinds/proxy-config.ts';
import type { Findings } from './findings.ts';
import { validateSelector } from './policy-attachment.ts';

export function validateProxyConfig(spec: ProxyConfigSpec, findings: Findings): void {
  validateSelector(spec.selector, ['spec', 'selector'], findings);
  if ((spec.concurrency ?? 0) < 0)
    findings.error(['spec', 'concurrency'], 'concurrency must be greater than or equal to 0');
}
