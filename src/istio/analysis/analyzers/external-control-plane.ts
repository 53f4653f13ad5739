/**
 * Webhooks of a control plane outside the cluster: their address must be a host name.
 * Spec: https://istio.io/latest/docs/reference/config/analysis/ist0163/ and ist0164/
 */
import { isIpAddress } from '../../validation/ip-address.ts';
import type { AnalysisContext, Analyzer } from '../context.ts';
import type { Resource } from '../resource.ts';

interface Webhook {
  readonly name?: string;
  readonly clientConfig?: { readonly url?: string; readonly service?: object };
}

const DEFAULT_VALIDATOR = 'istiod-default-validator';

export const externalControlPlaneAnalyzer: Analyzer = {
  name: 'externalcontrolplane.ExternalControlPlaneAnalyzer',
  run(context) {
    for (const configuration of context.all('ValidatingWebhookConfiguration')) {
      const { name } = configuration;
      if (name === DEFAULT_VALIDATOR || name.startsWith('istio-validator'))
        checkWebhooks(configuration, context);
    }
    for (const configuration of context.all('MutatingWebhookConfiguration'))
      if (configuration.name.startsWith('istio-sidecar-injector'))
        checkWebhooks(configuration, context);
  },
};

function checkWebhooks(configuration: Resource, context: AnalysisContext): void {
  const webhooks = (configuration.object['webhooks'] ?? []) as readonly Webhook[];
  webhooks.forEach(({ name = '', clientConfig = {} }, index) => {
    const path = ['webhooks', index, 'clientConfig'];
    const { url, service } = clientConfig;
    const report = (problem: string) =>
      context.report(
        'InvalidExternalControlPlaneConfig',
        configuration,
        [url ?? '', name, problem],
        path,
      );
    if (url === undefined) {
      if (!service) report('is blank');
      return;
    }
    const host = hostOf(url);
    if (host === undefined) report('was provided in an invalid format');
    else if (isIpAddress(host))
      context.report('ExternalControlPlaneAddressIsNotAHostname', configuration, [url, name], path);
  });
}

/** The host of a URL; undefined where Go would not parse it. */
function hostOf(url: string): string | undefined {
  if (/[\0-\x20\x7f]/.test(url) || url.startsWith(':')) return undefined;
  const colon = url.indexOf(':');
  const slash = url.indexOf('/');
  if (colon > 0 && (slash < 0 || colon < slash) && !/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(url))
    return undefined; // "first path segment in URL cannot contain colon"
  const authority = /^(?:[^:/]+:)?\/\/([^/?#]*)/.exec(url)?.[1];
  if (authority === undefined) return '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(host);
  return parts ? (parts[1] ?? '').replace(/^\[|\]$/g, '') : undefined;
}
