/**
 * Models RouteAction: to which cluster a request goes, and how it is changed and bounded on its way.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routeaction
 */
import { SECOND, type Micros } from '../../sim/time.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { Runtime } from '../config/runtime.ts';
import type { HeaderMap } from '../http/header-map.ts';
import type { Priority } from '../upstream/contract.ts';
import { compileHashPolicy, type HashPolicy } from './hash-policy.ts';
import { compileMutations, type HeaderMutations } from './header-mutation.ts';
import { compileHostRewrite, compilePathRewrite, type Rewrite } from './rewrite.ts';
import type { PathMatcher } from './path-matcher.ts';
import { compilePerFilter, type PerFilterConfig, type PerFilterCompiler } from './per-filter.ts';
import { compileRetryPolicy, type RetryPolicy } from './retry-policy.ts';

export interface WeightedCluster {
  readonly name: string;
  /** The header that names the cluster, when `name` is "". */
  readonly header: string;
  readonly weight: () => number;
  readonly resource: object;
  readonly requestMutations: HeaderMutations | undefined;
  readonly responseMutations: HeaderMutations | undefined;
  readonly perFilter: PerFilterConfig | undefined;
  readonly metadataMatch: Readonly<Record<string, unknown>> | undefined;
  readonly hostRewrite: string;
}

export type ClusterChoice =
  | { readonly kind: 'one'; readonly name: string }
  | { readonly kind: 'header'; readonly header: string }
  | {
      readonly kind: 'weighted';
      readonly clusters: readonly WeightedCluster[];
      /** The header whose value decides, or "". */
      readonly header: string;
      readonly usesHashPolicy: boolean;
    };

export interface MirrorPolicy {
  readonly cluster: string;
  readonly clusterHeader: string;
  readonly fraction: Message | undefined;
  readonly appendsShadow: boolean;
}

export interface RouteAction {
  readonly clusters: ClusterChoice;
  readonly clusterNotFoundStatus: number;
  /** 0: none. */
  readonly timeoutUs: Micros;
  /** Undefined: the connection manager's. */
  readonly idleTimeoutUs: Micros | undefined;
  readonly maxStreamDurationUs: Micros | undefined;
  readonly grpcTimeoutHeaderMaxUs: Micros | undefined;
  readonly retryPolicy: RetryPolicy | undefined;
  readonly hashPolicies: readonly HashPolicy[];
  readonly mirrors: readonly MirrorPolicy[];
  readonly rewritePath: Rewrite | undefined;
  readonly rewriteHost: Rewrite | undefined;
  readonly autoHostRewrite: boolean;
  readonly appendXForwardedHost: boolean;
  readonly priority: Priority;
  readonly metadataMatch: Readonly<Record<string, unknown>> | undefined;
  /** Upgrade type (lower case) → allowed. */
  readonly upgrades: ReadonlyMap<string, boolean>;
  readonly hedgesOnPerTryTimeout: boolean;
  readonly rateLimits: readonly Message[];
}

const NOT_FOUND_STATUS: Readonly<Record<string, number>> = {
  SERVICE_UNAVAILABLE: 503,
  NOT_FOUND: 404,
  INTERNAL_SERVER_ERROR: 500,
};
const DEFAULT_TIMEOUT_US = 15 * SECOND;

export interface RouteContext {
  readonly runtime: Runtime;
  readonly perFilter: PerFilterCompiler;
}

export function compileRouteAction(
  action: Message,
  path: PathMatcher,
  context: RouteContext,
): RouteAction {
  const duration = action.message('max_stream_duration');
  const retry = action.message('retry_policy');
  return {
    clusters: compileClusterChoice(action, context),
    clusterNotFoundStatus: NOT_FOUND_STATUS[action.text('cluster_not_found_response_code')] ?? 503,
    timeoutUs: action.durationUs('timeout') ?? DEFAULT_TIMEOUT_US,
    idleTimeoutUs: action.durationUs('idle_timeout'),
    maxStreamDurationUs: duration?.durationUs('max_stream_duration'),
    grpcTimeoutHeaderMaxUs:
      duration?.durationUs('grpc_timeout_header_max') ?? action.durationUs('max_grpc_timeout'),
    retryPolicy: retry && compileRetryPolicy(retry),
    hashPolicies: action.messages('hash_policy').map(compileHashPolicy),
    mirrors: compileMirrors(action),
    rewritePath: compilePathRewrite(action, path),
    rewriteHost: compileHostRewrite(action),
    autoHostRewrite: action.flag('auto_host_rewrite'),
    appendXForwardedHost: action.flag('append_x_forwarded_host'),
    priority: action.text('priority') === 'HIGH' ? 'high' : 'default',
    metadataMatch: lbMetadata(action),
    upgrades: new Map(
      action
        .messages('upgrade_configs')
        .map((upgrade) => [
          upgrade.text('upgrade_type').toLowerCase(),
          upgrade.boolean('enabled') ?? true,
        ]),
    ),
    hedgesOnPerTryTimeout: action.messageOrEmpty('hedge_policy').flag('hedge_on_per_try_timeout'),
    rateLimits: action.messages('rate_limits'),
  };
}

function lbMetadata(message: Message): Readonly<Record<string, unknown>> | undefined {
  const filters = message.message('metadata_match')?.message('filter_metadata');
  return filters?.message('envoy.lb')?.json;
}

export function compileMirrors(message: Message): MirrorPolicy[] {
  return message.messages('request_mirror_policies').map((policy) => ({
    cluster: policy.text('cluster'),
    clusterHeader: policy.text('cluster_header').toLowerCase(),
    fraction: policy.message('runtime_fraction'),
    appendsShadow: !policy.flag('disable_shadow_host_suffix_append'),
  }));
}

function compileClusterChoice(action: Message, context: RouteContext): ClusterChoice {
  const kind = action.oneof('cluster', 'cluster_header', 'weighted_clusters');
  if (kind === 'cluster') return { kind: 'one', name: action.text('cluster') };
  if (kind === 'cluster_header')
    return { kind: 'header', header: action.text('cluster_header').toLowerCase() };
  if (kind === undefined) throw new ConfigError('field: "cluster_specifier", reason: is required');
  const weighted = action.messageOrEmpty('weighted_clusters');
  const prefix = weighted.text('runtime_key_prefix');
  const clusters = weighted
    .messages('clusters')
    .map((cluster) => compileWeighted(cluster, prefix, context));
  if (clusters.every((cluster) => cluster.weight() === 0))
    throw new ConfigError('Sum of weights in the weighted_cluster must be greater than 0.');
  return {
    kind: 'weighted',
    clusters,
    header: weighted.text('header_name').toLowerCase(),
    usesHashPolicy: weighted.flag('use_hash_policy'),
  };
}

function compileWeighted(cluster: Message, prefix: string, context: RouteContext): WeightedCluster {
  const name = cluster.text('name');
  const weight = cluster.number('weight') ?? 0;
  const key = `${prefix}.${name}`;
  return {
    name,
    header: cluster.text('cluster_header').toLowerCase(),
    weight: prefix ? () => context.runtime.number(key, weight) : () => weight,
    resource: cluster.json,
    requestMutations: compileMutations(cluster, 'request'),
    responseMutations: compileMutations(cluster, 'response'),
    perFilter: compilePerFilter(cluster, context.perFilter),
    metadataMatch: lbMetadata(cluster),
    hostRewrite: cluster.text('host_rewrite_literal'),
  };
}

/** `value` modulo the sum of weights, walked over cumulative intervals. */
export function pickWeighted(clusters: readonly WeightedCluster[], value: number): WeightedCluster {
  let total = 0;
  for (const cluster of clusters) total += cluster.weight();
  let left = total === 0 ? 0 : value % total;
  for (const cluster of clusters) {
    left -= cluster.weight();
    if (left < 0) return cluster;
  }
  return clusters.at(-1)!;
}

const INTEGER = /^\d+$/;

/** The number a weighting header holds; undefined when it is missing, repeated or no number. */
export function weightingNumber(headers: HeaderMap, name: string): number | undefined {
  const values = headers.getAll(name);
  const [value = ''] = values;
  return values.length === 1 && INTEGER.test(value) ? Number(value) : undefined;
}
