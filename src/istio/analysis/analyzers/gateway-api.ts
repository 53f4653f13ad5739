/**
 * The Gateway API: selectors that do not reach its gateways, and definitions that are too old.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0166/ and ist0176/
 */
import type { Analyzer } from '../context.ts';
import { selects } from '../label-selector.ts';

const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
const BUNDLE_VERSION = 'gateway.networking.k8s.io/bundle-version';
const POLICIES = [
  'AuthorizationPolicy',
  'RequestAuthentication',
  'Telemetry',
  'WasmPlugin',
] as const;

/** Definition → the lowest version that istiod processes. */
const VERSIONS_MIN: Readonly<Record<string, readonly number[]>> = {
  'grpcroutes.gateway.networking.k8s.io': [1, 1, 0],
  'backendtlspolicies.gateway.networking.k8s.io': [1, 4, 0],
  'tlsroutes.gateway.networking.k8s.io': [1, 5, 0],
};

export const gatewayApiSelectorAnalyzer: Analyzer = {
  name: 'k8sgateway.SelectorAnalyzer',
  run(context) {
    const pods = context.all('Pod').filter(({ labels }) => labels[GATEWAY_NAME] !== undefined);
    for (const kind of POLICIES) {
      for (const policy of context.all(kind)) {
        const { selector, targetRef } = policy.spec;
        if (targetRef || !selector) continue;
        for (const { namespace, labels } of pods) {
          if (namespace !== policy.namespace || !selects(selector.matchLabels, labels)) continue;
          const path = ['spec', 'selector'];
          context.report('IneffectiveSelector', policy, [labels[GATEWAY_NAME] ?? ''], path);
        }
      }
    }
  },
};

export const gatewayApiVersionAnalyzer: Analyzer = {
  name: 'k8sgateway.CRDVersionAnalyzer',
  run(context) {
    for (const definition of context.all('CustomResourceDefinition')) {
      const { name, annotations } = definition;
      const lowest = VERSIONS_MIN[name];
      const installed = parseVersion(annotations[BUNDLE_VERSION] ?? '');
      if (!lowest || !installed || !isLower(installed.numbers, lowest)) continue;
      const words = [name, installed.text, lowest.join('.')];
      context.report('GatewayAPICRDVersionBelowMinimum', definition, words);
    }
  },
};

function parseVersion(text: string): { numbers: number[]; text: string } | undefined {
  const parts = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/.exec(text);
  if (!parts) return undefined;
  const numbers = parts.slice(1, 4).map((part) => Number(part ?? 0));
  return { numbers, text: `${numbers.join('.')}${parts[4] ?? ''}` };
}

function isLower(version: readonly number[], lowest: readonly number[]): boolean {
  const at = lowest.findIndex((part, index) => version[index] !== part);
  return at >= 0 && (version[at] ?? 0) < (lowest[at] ?? 0);
}
