/**
 * Admission of EnvoyFilters.
 * Spec: https://istio.io/latest/docs/reference/config/networking/envoy-filter/
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type {
  EnvoyConfigMatch,
  EnvoyConfigPatch,
  EnvoyFilterApplyTo,
  EnvoyFilterMatch,
  EnvoyFilterSpec,
} from '../kinds/envoy-filter.ts';
import { validatePatchValue } from './envoy-filter-value.ts';
import { Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { validateNetworkingSelector } from './policy-attachment.ts';
import { regexSyntaxProblem } from './string-match.ts';

const CONNECTION_MANAGER = 'envoy.filters.network.http_connection_manager';
const LISTENER_CLASS: ReadonlySet<EnvoyFilterApplyTo> = new Set([
  'LISTENER',
  'FILTER_CHAIN',
  'NETWORK_FILTER',
  'HTTP_FILTER',
]);
const ROUTE_CLASS: ReadonlySet<EnvoyFilterApplyTo> = new Set([
  'ROUTE_CONFIGURATION',
  'VIRTUAL_HOST',
  'HTTP_ROUTE',
]);

/** Old filter name → its name today. */
const RENAMED_FILTERS = new Map([
  ['envoy.buffer', 'envoy.filters.http.buffer'],
  ['envoy.client_ssl_auth', 'envoy.filters.network.client_ssl_auth'],
  ['envoy.cors', 'envoy.filters.http.cors'],
  ['envoy.csrf', 'envoy.filters.http.csrf'],
  ['envoy.ext_authz', 'envoy.filters.http.ext_authz'],
  ['envoy.fault', 'envoy.filters.http.fault'],
  ['envoy.grpc_http1_bridge', 'envoy.filters.http.grpc_http1_bridge'],
  ['envoy.grpc_json_transcoder', 'envoy.filters.http.grpc_json_transcoder'],
  ['envoy.grpc_web', 'envoy.filters.http.grpc_web'],
  ['envoy.gzip', 'envoy.filters.http.gzip'],
  ['envoy.health_check', 'envoy.filters.http.health_check'],
  ['envoy.http_connection_manager', CONNECTION_MANAGER],
  ['envoy.http_dynamo_filter', 'envoy.filters.http.dynamo'],
  ['envoy.ip_tagging', 'envoy.filters.http.ip_tagging'],
  ['envoy.listener.http_inspector', 'envoy.filters.listener.http_inspector'],
  ['envoy.listener.original_dst', 'envoy.filters.listener.original_dst'],
  ['envoy.listener.original_src', 'envoy.filters.listener.original_src'],
  ['envoy.listener.proxy_protocol', 'envoy.filters.listener.proxy_protocol'],
  ['envoy.listener.tls_inspector', 'envoy.filters.listener.tls_inspector'],
  ['envoy.lua', 'envoy.filters.http.lua'],
  ['envoy.mongo_proxy', 'envoy.filters.network.mongo_proxy'],
  ['envoy.ratelimit', 'envoy.filters.network.ratelimit'],
  ['envoy.rate_limit', 'envoy.filters.http.ratelimit'],
  ['envoy.redis_proxy', 'envoy.filters.network.redis_proxy'],
  ['envoy.router', 'envoy.filters.http.router'],
  ['envoy.squash', 'envoy.filters.http.squash'],
  ['envoy.tcp_proxy', 'envoy.filters.network.tcp_proxy'],
]);

export function validateEnvoyFilter(spec: EnvoyFilterSpec, findings: Findings): void {
  findings.warn(
    ['kind'],
    'EnvoyFilter exposes internal implementation details that may change at any time. Prefer other APIs if possible, and exercise extreme caution, especially around upgrades.',
  );
  validateConfigPatches(spec, findings);
}

/** As above without the warning that every EnvoyFilter gets. */
export function validateConfigPatches(spec: EnvoyFilterSpec, findings: Findings): void {
  if (!validateNetworkingSelector(spec.workloadSelector, findings, 'Envoy filter')) {
    findings.warnings.length = 0;
    return;
  }
  spec.configPatches?.forEach((patch, index) => {
    const at = ['spec', 'configPatches', index];
    if (!patch) findings.error(at, 'Envoy filter: null config patch');
    else if (patch.match?.context !== 'WAYPOINT') validatePatch(patch, at, findings);
  });
}

function validatePatch(patch: EnvoyConfigPatch, path: ValuePath, findings: Findings): void {
  const problem = patchProblem(patch);
  if (problem !== undefined) {
    findings.error(path, `Envoy filter: ${problem}`);
    return;
  }
  const { applyTo = 'INVALID', match } = patch;
  if (match && LISTENER_CLASS.has(applyTo)) {
    if (!validateListenerMatch(match, applyTo, [...path, 'match'], findings)) return;
  } else if (match && hasObject(match)) {
    const classProblem =
      ROUTE_CLASS.has(applyTo) && !match.routeConfiguration
        ? 'applyTo for http route class objects cannot have non route configuration match'
        : applyTo === 'CLUSTER' && !match.cluster
          ? 'applyTo for cluster class objects cannot have non cluster match'
          : undefined;
    if (classProblem !== undefined)
      findings.error([...path, 'match'], `Envoy filter: ${classProblem}`);
  }
  validatePatchValue(applyTo, patch.patch?.value, [...path, 'patch', 'value'], findings);
}

/** The first thing that is wrong before match and value are looked at. */
function patchProblem({ applyTo, patch, match }: EnvoyConfigPatch): string | undefined {
  if (!applyTo || applyTo === 'INVALID') return 'missing applyTo';
  if (!patch) return 'missing patch';
  if (!patch.operation || patch.operation === 'INVALID') return 'missing patch operation';
  if (patch.operation !== 'REMOVE' && !patch.value)
    return 'missing patch value for non-remove operation';
  const version = match?.proxy?.proxyVersion;
  const syntax = version ? regexSyntaxProblem(version) : undefined;
  return syntax === undefined ? undefined : `invalid regex for proxy version, [${syntax}]`;
}

function hasObject(match: EnvoyConfigMatch): boolean {
  return Boolean(match.listener || match.routeConfiguration || match.cluster || match.waypoint);
}

/** Whether the patch is looked at further. */
function validateListenerMatch(
  match: EnvoyConfigMatch,
  applyTo: EnvoyFilterApplyTo,
  path: ValuePath,
  findings: Findings,
): boolean {
  const refuse = (message: string) => {
    findings.error(path, `Envoy filter: ${message}`);
    return false;
  };
  if (!hasObject(match)) return true;
  if (!match.listener)
    return refuse('applyTo for listener class objects cannot have non listener match');
  const filter = match.listener.filterChain?.filter;
  if (!filter) return true;
  if (applyTo === 'LISTENER' || applyTo === 'FILTER_CHAIN')
    findings.warn(path, `Envoy filter: filter match has no effect when used with ${applyTo}`);
  if (!filter.name) return refuse('filter match has no name to match on');
  const problem = filter.subFilter && subFilterProblem(filter, applyTo);
  if (problem !== undefined) return refuse(problem);
  for (const name of [filter.name, filter.subFilter?.name ?? '']) {
    const renamed = RENAMED_FILTERS.get(name);
    if (renamed !== undefined)
      findings.warn(
        path,
        `using deprecated filter name ${quoted(name)}; use ${quoted(renamed)} instead`,
      );
  }
  return true;
}

function subFilterProblem(
  { name, subFilter }: EnvoyFilterMatch,
  applyTo: EnvoyFilterApplyTo,
): string | undefined {
  if (applyTo !== 'HTTP_FILTER') return 'subfilter match can be used with applyTo HTTP_FILTER only';
  if (name !== CONNECTION_MANAGER && name !== 'envoy.http_connection_manager')
    return `subfilter match requires filter match with ${CONNECTION_MANAGER}`;
  return subFilter?.name ? undefined : 'subfilter match has no name to match on';
}
