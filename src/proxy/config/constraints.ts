/**
 * Models the constraints that Envoy's protos state for values, as far as people break them.
 *
 * Spec: the validate rules of https://github.com/envoyproxy/envoy/tree/main/api/envoy
 */
import { ConfigError } from './config-error.ts';
import { regexOf } from '../matching/regex.ts';
import { Message } from './message.ts';

const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const FAULT = 'envoy.extensions.filters.http.fault.v3.HTTPFault';

/** Throws ConfigError, in the words of protoc-gen-validate, for the first broken one. */
export function checkConstraints(bootstrap: object): void {
  const resources = new Message(bootstrap).messageOrEmpty('static_resources');
  resources.messages('clusters').forEach((cluster, i) => {
    const chain = `BootstrapValidationError.StaticResources: embedded message failed validation | caused by StaticResourcesValidationError.Clusters[${i}]: embedded message failed validation | caused by ClusterValidationError`;
    checkCluster(cluster, chain);
  });
  for (const listener of resources.messages('listeners'))
    for (const chain of listener.messages('filter_chains'))
      for (const filter of chain.messages('filters')) {
        const typed = filter.any('typed_config');
        if (typed?.type === MANAGER) checkManager(typed.message);
      }
}

/** Envoy's own limit; Istio's bootstrap raises it. */
const PROGRAM_SIZE_MAX = 100;

/** Every regular expression of the document is small enough; throws ConfigError. */
export function checkProgramSizes(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    if (key === 'regex' && typeof inner === 'string') regexOf(inner, PROGRAM_SIZE_MAX);
    else checkProgramSizes(inner);
}

function failed(text: string): ConfigError {
  return new ConfigError(`Proto constraint validation failed (${text})`);
}

function checkCluster(cluster: Message, chain: string): void {
  cluster.messages('health_checks').forEach((check, i) => {
    const where = `${chain}.HealthChecks[${i}]: embedded message failed validation | caused by `;
    for (const field of ['timeout', 'interval', 'unhealthy_threshold', 'healthy_threshold'])
      if (!check.has(field))
        throw failed(`${where}HealthCheckValidationError.${camel(field)}: value is required`);
    const kinds = ['http', 'tcp', 'grpc', 'custom'].map((kind) => `${kind}_health_check`);
    if (!check.oneof(...kinds))
      throw failed(`${where}field: "health_checker", reason: is required`);
  });
  const assignment = cluster.message('load_assignment');
  if (assignment) {
    const where = `${chain}.LoadAssignment: embedded message failed validation | caused by ClusterLoadAssignmentValidationError`;
    if (assignment.text('cluster_name') === '')
      throw failed(`${where}.ClusterName: value length must be at least 1 characters`);
    assignment.messages('endpoints').forEach((group, g) =>
      group.messages('lb_endpoints').forEach((endpoint, e) => {
        if (endpoint.number('load_balancing_weight') === 0)
          throw failed(
            `${where}.Endpoints[${g}]: embedded message failed validation | caused by LocalityLbEndpointsValidationError.LbEndpoints[${e}]: embedded message failed validation | caused by LbEndpointValidationError.LoadBalancingWeight: value must be greater than or equal to 1`,
          );
      }),
    );
  }
  checkDiscovery(cluster, assignment);
}

function checkDiscovery(cluster: Message, assignment: Message | undefined): void {
  const type = cluster.text('type') || 'STATIC';
  const groups = assignment?.messages('endpoints') ?? [];
  const endpoints = groups.flatMap((group) => group.messages('lb_endpoints'));
  if (type === 'LOGICAL_DNS' && (groups.length !== 1 || endpoints.length !== 1))
    throw new ConfigError(
      'LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint',
    );
  if (type === 'ORIGINAL_DST' && assignment)
    throw new ConfigError('ORIGINAL_DST clusters must have no load assignment configured');
  if (cluster.has('cluster_type')) return;
  const policy = cluster.text('lb_policy');
  if (policy === 'CLUSTER_PROVIDED' && type !== 'ORIGINAL_DST')
    throw new ConfigError(
      `cluster manager: cluster provided LB specified but cluster '${cluster.text('name')}' did not provide one. Check cluster documentation.`,
    );
  const hashing = cluster
    .messageOrEmpty('common_lb_config')
    .message('consistent_hashing_lb_config');
  if (hashing?.flag('use_hostname_for_hashing') && type === 'STATIC')
    throw new ConfigError(
      "Cannot use hostname for consistent hashing loadbalancing for cluster of type: 'envoy.cluster.static'",
    );
  if (type === 'STATIC') for (const endpoint of endpoints) checkStaticAddress(endpoint);
}

function checkStaticAddress(endpoint: Message): void {
  const socket = endpoint
    .messageOrEmpty('endpoint')
    .messageOrEmpty('address')
    .message('socket_address');
  const address = socket?.text('address') ?? '';
  if (address !== '' && !/^[\d.]+$|:/.test(address))
    throw new ConfigError(
      `malformed IP address: ${address}. Consider setting resolver_name or setting cluster type to 'STRICT_DNS' or 'LOGICAL_DNS'`,
    );
}

function checkManager(manager: Message): void {
  for (const filter of manager.messages('http_filters')) {
    const typed = filter.any('typed_config');
    const status =
      typed?.type === FAULT ? typed.message.message('abort')?.number('http_status') : undefined;
    if (status !== undefined && (status < 200 || status >= 600))
      throw failed(
        'HTTPFaultValidationError.Abort: embedded message failed validation | caused by FaultAbortValidationError.HttpStatus: value must be inside range [200, 600)',
      );
  }
  manager
    .messageOrEmpty('route_config')
    .messages('virtual_hosts')
    .forEach((host, h) =>
      host.messages('routes').forEach((route, r) => {
        const where = `HttpConnectionManagerValidationError.RouteConfig: embedded message failed validation | caused by RouteConfigurationValidationError.VirtualHosts[${h}]: embedded message failed validation | caused by VirtualHostValidationError.Routes[${r}]: embedded message failed validation | caused by `;
        const problem = routeProblem(route);
        if (problem !== undefined) throw failed(where + problem);
      }),
    );
}

function routeProblem(route: Message): string | undefined {
  const match = route.message('match');
  if (!match) return 'RouteValidationError.Match: value is required';
  const regex = match.message('safe_regex');
  if (regex && regex.text('regex') === '')
    return 'RouteValidationError.Match: embedded message failed validation | caused by RouteMatchValidationError.SafeRegex: embedded message failed validation | caused by RegexMatcherValidationError.Regex: value length must be at least 1 characters';
  const status = route.message('direct_response')?.number('status');
  if (status !== undefined && (status < 200 || status >= 600))
    return 'RouteValidationError.DirectResponse: embedded message failed validation | caused by DirectResponseActionValidationError.Status: value must be inside range [200, 600)';
  const action = route.message('route');
  if (!action) return undefined;
  if (action.has('cluster') && action.text('cluster') === '')
    return 'RouteValidationError.Route: embedded message failed validation | caused by RouteActionValidationError.Cluster: value length must be at least 1 characters';
  const interval = action.message('retry_policy')?.message('retry_back_off');
  if (interval && (interval.durationUs('base_interval') ?? 0) <= 0)
    return 'RouteValidationError.Route: embedded message failed validation | caused by RouteActionValidationError.RetryPolicy: embedded message failed validation | caused by RetryPolicyValidationError.RetryBackOff: embedded message failed validation | caused by RetryBackOffValidationError.BaseInterval: value must be greater than 0s';
  return undefined;
}

function camel(field: string): string {
  return field.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
