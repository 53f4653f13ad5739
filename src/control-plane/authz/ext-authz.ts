/**
 * Models the external authorization filters of a provider in the mesh config.
 *
 * Spec: istio pilot/pkg/security/authz/builder/extauthz.go.
 */
import type {
  ExternalAuthorizationGrpc,
  ExternalAuthorizationHttp,
} from '../../istio/kinds/extension-provider.ts';
import type { HttpExtAuthz, NetworkExtAuthz } from '../../xds/resources/filters/ext-authz.ts';
import type { MetadataMatcher } from '../../xds/resources/metadata-matcher.ts';
import type { ListStringMatcher } from '../../xds/resources/string-matcher.ts';
import { xdsDuration } from '../duration.ts';
import type { Proxy } from '../proxy.ts';
import { lookupCluster, type FoundCluster } from '../push/lookup-cluster.ts';
import { SHADOW_PREFIX } from './custom.ts';

export interface ExtAuthzProvider {
  readonly http: (namePrefix: string) => HttpExtAuthz;
  /** Only gRPC servers are asked about connections. */
  readonly tcp: ((namePrefix: string) => NetworkExtAuthz) | undefined;
}

const DEFAULT_TIMEOUT = '600s';

export function extAuthzProvider({ push }: Proxy, name: string): ExtAuthzProvider | undefined {
  const provider = push.mesh.extensionProviders.find((it) => it.name === name);
  const config = provider?.envoyExtAuthzHttp ?? provider?.envoyExtAuthzGrpc;
  if (!config) return undefined;
  const found = lookupCluster(push, config.service, config.port);
  if (!found) return undefined;
  if (provider?.envoyExtAuthzHttp) {
    const http = provider.envoyExtAuthzHttp;
    return { http: (prefix) => httpServer(http, found, prefix), tcp: undefined };
  }
  const grpc = {
    envoy_grpc: { cluster_name: found.cluster, authority: found.host },
    timeout: timeoutOf(config),
  };
  return {
    http: (prefix) => ({
      ...common(config, prefix, 'envoy.filters.http.rbac'),
      grpc_service: grpc,
    }),
    tcp: (prefix) => ({
      stat_prefix: 'tcp.',
      grpc_service: grpc,
      ...(config.failOpen && { failure_mode_allow: true }),
      transport_api_version: 'V3',
      filter_enabled_metadata: enabledFor('envoy.filters.network.rbac', prefix),
    }),
  };
}

type Common = Pick<
  ExternalAuthorizationGrpc,
  'failOpen' | 'statusOnError' | 'includeRequestBodyInCheck' | 'timeout' | 'clearRouteCache'
>;

function common(config: Common, prefix: string, filter: string): HttpExtAuthz {
  const body = config.includeRequestBodyInCheck;
  return {
    transport_api_version: 'V3',
    ...(config.statusOnError && {
      status_on_error: { code: STATUS_NAMES[config.statusOnError] ?? config.statusOnError },
    }),
    ...(config.failOpen && { failure_mode_allow: true }),
    ...(config.clearRouteCache && { clear_route_cache: true }),
    filter_enabled_metadata: enabledFor(filter, prefix),
    ...(body && {
      with_request_body: {
        ...(body.maxRequestBytes && { max_request_bytes: body.maxRequestBytes }),
        ...(body.allowPartialMessage && { allow_partial_message: true }),
        ...(body.packAsBytes && { pack_as_bytes: true }),
      } as NonNullable<HttpExtAuthz['with_request_body']>,
    }),
  };
}

/** Envoy's enum writes codes by name in JSON. */
const STATUS_NAMES: Readonly<Record<string, string>> = {
  '400': 'BadRequest',
  '401': 'Unauthorized',
  '403': 'Forbidden',
  '404': 'NotFound',
  '429': 'TooManyRequests',
  '500': 'InternalServerError',
  '502': 'BadGateway',
  '503': 'ServiceUnavailable',
  '504': 'GatewayTimeout',
};

function httpServer(
  config: ExternalAuthorizationHttp,
  { host, cluster }: FoundCluster,
  prefix: string,
): HttpExtAuthz {
  const added = Object.entries(config.includeAdditionalHeadersInCheck ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ key, ...(value && { value }) }));
  const allowed = config.includeRequestHeadersInCheck?.length
    ? config.includeRequestHeadersInCheck
    : config.includeHeadersInCheck;
  const response = {
    ...headers('allowed_upstream_headers', config.headersToUpstreamOnAllow),
    ...headers('allowed_client_headers', config.headersToDownstreamOnDeny),
    ...headers('allowed_client_headers_on_success', config.headersToDownstreamOnAllow),
  };
  return {
    ...common(config, prefix, 'envoy.filters.http.rbac'),
    http_service: {
      server_uri: { uri: `http://${host}`, cluster, timeout: timeoutOf(config) },
      ...(config.pathPrefix && { path_prefix: config.pathPrefix }),
      ...(added.length > 0 && { authorization_request: { headers_to_add: added } }),
      ...(Object.keys(response).length > 0 && { authorization_response: response }),
    },
    ...headers('allowed_headers', allowed),
  };
}

function timeoutOf({ timeout }: Common): string {
  return timeout === undefined ? DEFAULT_TIMEOUT : xdsDuration(timeout);
}

function headers(field: string, names: readonly string[] | undefined): object {
  if (!names?.length) return {};
  const list: ListStringMatcher = {
    patterns: names.map((name) => ({
      ...(name.startsWith('*')
        ? { suffix: name.slice(1) }
        : name.endsWith('*')
          ? { prefix: name.slice(0, -1) }
          : { exact: name }),
      ignore_case: true,
    })),
  };
  return { [field]: list };
}

/** Only what RBAC's shadow rules have marked is asked about. */
function enabledFor(filter: string, prefix: string): MetadataMatcher {
  return {
    filter,
    path: [{ key: `${SHADOW_PREFIX}shadow_effective_policy_id` }],
    value: { string_match: { prefix } },
  };
}
