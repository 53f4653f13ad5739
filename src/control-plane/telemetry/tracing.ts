/**
 * Models the tracing options of a connection manager: provider, sampling, and tags of spans.
 *
 * Spec: istio pilot/pkg/networking/core/tracing.go, pilot/pkg/model/telemetry.go, Tracing.
 */
import type { Tracing, TracingTag } from '../../istio/kinds/telemetry.ts';
import type { CustomTag, HttpTracing } from '../../xds/resources/tracing.ts';
import { compare } from '../config.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';
import { applicableTelemetry, matchesMode, modeOf, providerNamed } from './applicable.ts';
import { traceProvider } from './trace-provider.ts';

export interface TracingOptions {
  readonly tracing: HttpTracing | undefined;
  readonly useRequestIdForSampling: boolean;
}

/** One object a proxy, push and side; the connection managers of a side share it. */
export function tracingOf(proxy: Proxy, listenerClass: ListenerClass): TracingOptions {
  const cache = proxy.push.cache<string, TracingOptions>(`tracing of ${proxy.node.id}`);
  let options = cache.get(listenerClass);
  if (!options) cache.set(listenerClass, (options = build(proxy, listenerClass)));
  return options;
}

const DEFAULT_SAMPLING = 1;

function build(proxy: Proxy, listenerClass: ListenerClass): TracingOptions {
  const { mesh } = proxy.push;
  const documents = applicableTelemetry(proxy).tracing;
  const defaultProvider = mesh.defaultProviders?.tracing?.[0];
  const meshTracing = mesh.defaultConfig?.tracing;
  const meshSampling = samplingOf(meshTracing?.sampling);
  const maxTag = meshTracing?.maxPathTagLength;
  const meshTags = (meshTracing?.customTags ?? {}) as Readonly<Record<string, TracingTag>>;
  if (documents.length === 0 && defaultProvider === undefined) {
    if (mesh.enableTracing === false) return NOTHING;
    const tags = [...workloadTags(proxy), ...DRY_RUN_TAGS, ...customTags(meshTags)];
    return { tracing: options(meshSampling, tags, maxTag), useRequestIdForSampling: true };
  }
  const spec = mergedSpec(documents, modeOf(listenerClass), defaultProvider);
  const provider = spec.provider === undefined ? undefined : providerNamed(proxy, spec.provider);
  if (!provider || spec.disableSpanReporting) return NOTHING;
  const made = traceProvider(proxy, provider);
  if (!made) return NOTHING;
  const own = spec.customTags && Object.keys(spec.customTags).length > 0;
  const tags = [
    ...(spec.enableIstioTags === false ? [] : [...workloadTags(proxy), ...DRY_RUN_TAGS]),
    ...customTags(own ? spec.customTags! : meshTags),
  ];
  const tracing = options(
    spec.randomSamplingPercentage ?? meshSampling,
    tags,
    made.max_path_tag_length ?? maxTag,
  );
  return {
    tracing: { ...tracing, ...made },
    useRequestIdForSampling: spec.useRequestIdForTraceSampling ?? true,
  };
}

const NOTHING: TracingOptions = { tracing: undefined, useRequestIdForSampling: true };

function samplingOf(given: number | undefined): number {
  if (!given) return DEFAULT_SAMPLING;
  return given > 100 ? DEFAULT_SAMPLING : given;
}

interface TracingSpec extends Tracing {
  readonly provider?: string;
}

function mergedSpec(
  documents: readonly Tracing[],
  mode: 'CLIENT' | 'SERVER',
  defaultProvider: string | undefined,
): TracingSpec {
  let spec: TracingSpec = defaultProvider === undefined ? {} : { provider: defaultProvider };
  for (const document of documents) {
    if (!matchesMode(document.match, mode)) continue;
    const provider = document.providers?.[0]?.name;
    spec = { ...spec, ...document, ...(provider !== undefined && { provider }) };
  }
  return spec;
}

function options(
  sampling: number,
  tags: readonly CustomTag[],
  maxPathTagLength: number | undefined,
): HttpTracing {
  const sorted = [...tags].sort((a, b) => compare(a.tag, b.tag));
  return {
    client_sampling: { value: 100 },
    random_sampling: { ...(sampling > 0 && { value: sampling }) },
    overall_sampling: { value: 100 },
    ...(sorted.length > 0 && { custom_tags: sorted }),
    ...(maxPathTagLength && { max_path_tag_length: maxPathTagLength }),
  };
}

const DRY_RUN_TAGS: readonly CustomTag[] = [
  dryRunTag('allow_policy.name', 'istio_dry_run_allow_shadow_effective_policy_id'),
  dryRunTag('allow_policy.result', 'istio_dry_run_allow_shadow_engine_result'),
  dryRunTag('deny_policy.name', 'istio_dry_run_deny_shadow_effective_policy_id'),
  dryRunTag('deny_policy.result', 'istio_dry_run_deny_shadow_engine_result'),
];

function dryRunTag(tag: string, key: string): CustomTag {
  return {
    tag: `istio.authorization.dry_run.${tag}`,
    metadata: {
      kind: { request: {} },
      metadata_key: { key: 'envoy.filters.http.rbac', path: [{ key }] },
    },
  };
}

function workloadTags({ node }: Proxy): CustomTag[] {
  const meshId = node.metadata['MESH_ID'];
  const literal = (tag: string, value: string): CustomTag => ({ tag, literal: { value } });
  return [
    literal(
      'istio.canonical_revision',
      node.labels['service.istio.io/canonical-revision'] || 'latest',
    ),
    literal('istio.canonical_service', node.labels['service.istio.io/canonical-name'] || 'unknown'),
    literal('istio.cluster_id', node.clusterId || 'unknown'),
    literal('istio.mesh_id', typeof meshId === 'string' && meshId ? meshId : 'unknown'),
    literal('istio.namespace', node.namespace || 'default'),
  ];
}

function customTags(tags: Readonly<Record<string, TracingTag>>): CustomTag[] {
  return Object.entries(tags).map(([tag, { literal, environment, header, formatter }]) => {
    if (literal) return { tag, literal: { value: literal.value } };
    if (environment) return { tag, environment: named(environment) };
    if (header) return { tag, request_header: named(header) };
    return { tag, ...(formatter && { value: formatter.value }) };
  });
}

function named({ name, defaultValue }: { name: string; defaultValue?: string }) {
  return { name, ...(defaultValue && { default_value: defaultValue }) };
}
