/**
 * Models the tracing options of a connection manager: sampling, and tags that say who served.
 *
 * Spec: istio pilot/pkg/networking/core/tracing.go, configureTracing.
 */
import type { CustomTag, HttpTracing } from '../../xds/resources/tracing.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';
import { canonicalService } from '../registry/workload.ts';

const DRY_RUN_TAGS: readonly CustomTag[] = [
  dryRunTag('allow_policy.name', 'istio_dry_run_allow_shadow_effective_policy_id'),
  dryRunTag('allow_policy.result', 'istio_dry_run_allow_shadow_engine_result'),
  dryRunTag('deny_policy.name', 'istio_dry_run_deny_shadow_effective_policy_id'),
  dryRunTag('deny_policy.result', 'istio_dry_run_deny_shadow_engine_result'),
];

/** One object a proxy and push; all its connection managers share it. */
export function tracingOf(proxy: Proxy, _listenerClass: ListenerClass): TracingOptions {
  const cache = proxy.push.cache<Proxy, TracingOptions>('tracing');
  let options = cache.get(proxy);
  if (!options) {
    options = { tracing: buildTracing(proxy), useRequestIdForSampling: true };
    cache.set(proxy, options);
  }
  return options;
}

export interface TracingOptions {
  readonly tracing: HttpTracing | undefined;
  readonly useRequestIdForSampling: boolean;
}

function buildTracing(proxy: Proxy): HttpTracing {
  return {
    client_sampling: { value: 100 },
    random_sampling: { value: 1 },
    overall_sampling: { value: 100 },
    custom_tags: [...DRY_RUN_TAGS, ...workloadTags(proxy)],
  };
}

function workloadTags({ node }: Proxy): CustomTag[] {
  const [name, revision] = canonicalService(node.labels, text(node.metadata['WORKLOAD_NAME']));
  return [
    literalTag('istio.canonical_revision', revision),
    literalTag('istio.canonical_service', name || 'unknown'),
    literalTag('istio.cluster_id', node.clusterId || 'unknown'),
    literalTag('istio.mesh_id', text(node.metadata['MESH_ID']) || 'unknown'),
    literalTag('istio.namespace', node.namespace || 'default'),
  ];
}

function literalTag(tag: string, value: string): CustomTag {
  return { tag, literal: { value } };
}

function dryRunTag(tag: string, key: string): CustomTag {
  return {
    tag: `istio.authorization.dry_run.${tag}`,
    metadata: {
      kind: { request: {} },
      metadata_key: { key: 'envoy.filters.http.rbac', path: [{ key }] },
    },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
