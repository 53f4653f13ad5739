/**
 * Models what a Cluster resource says about reaching its hosts, read once.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto
 */
import { HOUR, MINUTE, SECOND, type Micros } from '../../sim/time.ts';
import {
  durationUs,
  flag,
  message,
  messageOrEmpty,
  messages,
  number,
  text,
  texts,
  typeName,
  type Json,
} from './proto-json.ts';

import {
  healthCheckConfig,
  healthCheckError,
  type HealthCheckConfig,
} from './health-check-config.ts';
import { outlierConfig, outlierConfigError, type OutlierConfig } from './outlier-config.ts';

export type Discovery =
  'STATIC' | 'EDS' | 'STRICT_DNS' | 'LOGICAL_DNS' | 'ORIGINAL_DST' | 'AGGREGATE';

export type HttpChoice = 'http1' | 'http2' | 'auto' | 'as-downstream';

export interface ClusterConfig {
  readonly name: string;
  readonly resource: Json;
  /** The name in statistics. */
  readonly statName: string;
  readonly discovery: Discovery;
  /** The name of the assignment to wait for. */
  readonly edsName: string;
  /** How long an EDS cluster waits for its assignment; 0: for ever. */
  readonly initialFetchTimeoutUs: Micros;
  readonly connectTimeoutUs: Micros;
  /** 0: never. */
  readonly idleTimeoutUs: Micros;
  readonly connectionDurationMaxUs: Micros;
  readonly streamDurationMaxUs: Micros | undefined;
  readonly requestsPerConnectionMax: number;
  readonly protocol: HttpChoice;
  readonly concurrentStreamsMax: number;
  readonly preconnectRatio: number;
  readonly sourceIp: string | undefined;
  /** In percent; 0 turns panic off. */
  readonly panicThreshold: number;
  readonly failTrafficOnPanic: boolean;
  readonly isLocalityWeighted: boolean;
  readonly hasConnectionPoolPerDownstream: boolean;
  /** How long health changes are gathered before load balancing sees them; 0: not at all. */
  readonly updateMergeWindowUs: Micros;
  readonly autoSni: boolean;
  readonly autoSniHeader: string;
  readonly autoSanValidation: boolean;
  readonly aggregated: readonly string[];
  readonly dnsRefreshUs: Micros;
  readonly closesOnHealthFailure: boolean;
  readonly ignoresHealthOnRemoval: boolean;
  readonly outlier: OutlierConfig | undefined;
  readonly healthChecks: readonly HealthCheckConfig[];
  /** Names of the SDS secrets of its transport sockets, each once. */
  readonly secretNames: readonly string[];
  /** Must it begin before anybody asks for it: to look names up, check health, count slow start? */
  readonly isEager: boolean;
}

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const MAX_CONCURRENT_STREAMS = 1024;

/** Reads a cluster; `error` in Envoy's words when it makes no sense. */
export function clusterConfig(resource: Json): ClusterConfig | { readonly error: string } {
  const name = text(resource['name']);
  if (name === '')
    return {
      error:
        'Proto constraint validation failed (ClusterValidationError.Name: value length must be at least 1 characters)',
    };
  const discovery = discoveryOf(resource);
  if (discovery === undefined)
    return {
      error: `Didn't find a registered cluster factory implementation for cluster: '${name}'`,
    };
  const policy = text(resource['lb_policy'], 'ROUND_ROBIN');
  const isProvided = policy === 'CLUSTER_PROVIDED' || message(resource['load_balancing_policy']);
  if (discovery === 'ORIGINAL_DST' && !isProvided)
    return {
      error: `cluster: LB policy ${policy} is not valid for Cluster type ORIGINAL_DST. Only 'CLUSTER_PROVIDED' or 'ORIGINAL_DST_LB' is allowed with cluster type 'ORIGINAL_DST'`,
    };
  const eds = messageOrEmpty(resource['eds_cluster_config']);
  if (
    discovery === 'EDS' &&
    !message(resource['eds_cluster_config']) &&
    !message(eds['eds_config'])
  )
    return { error: `cannot create an EDS cluster without an EDS config` };
  const detection = message(resource['outlier_detection']);
  const outlier = detection && outlierConfig(detection);
  const outlierError = outlier && outlierConfigError(outlier);
  if (outlierError !== undefined) return { error: outlierError };
  const checks = messages(resource['health_checks']);
  const checkError = checks.map(healthCheckError).find((error) => error !== undefined);
  if (checkError !== undefined) return { error: checkError };
  return {
    outlier,
    healthChecks: checks.map(healthCheckConfig).filter((check) => check !== undefined),
    secretNames: secretNames(resource),
    isEager: checks.length > 0 || discovery.endsWith('_DNS') || hasSlowStart(resource),
    ...transportFields(resource),
    ...lbFields(resource),
    ...dnsFields(resource),
    name,
    resource,
    statName: text(resource['alt_stat_name']) || name,
    discovery,
    edsName: text(eds['service_name']) || name,
    initialFetchTimeoutUs: durationUs(
      messageOrEmpty(eds['eds_config'])['initial_fetch_timeout'],
      15 * SECOND,
    ),
    aggregated: discovery === 'AGGREGATE' ? texts(typedConfig(resource)['clusters']) : [],
  };
}

function discoveryOf(resource: Json): Discovery | undefined {
  const custom = message(resource['cluster_type']);
  if (!custom) {
    const type = resource['type'] ?? 'STATIC';
    return NUMBERED[Number(type)] ?? TYPES.find((known) => known === type);
  }
  switch (typeName(message(custom['typed_config']))) {
    case 'envoy.extensions.clusters.aggregate.v3.ClusterConfig':
      return 'AGGREGATE';
    case 'envoy.extensions.clusters.dns.v3.DnsCluster':
      return flag(typedConfig(resource)['all_addresses_in_single_endpoint'])
        ? 'LOGICAL_DNS'
        : 'STRICT_DNS';
    default:
      return undefined;
  }
}

const NUMBERED: readonly Discovery[] = [
  'STATIC',
  'STRICT_DNS',
  'LOGICAL_DNS',
  'EDS',
  'ORIGINAL_DST',
];
const TYPES: readonly Discovery[] = NUMBERED;

function typedConfig(resource: Json): Json {
  return messageOrEmpty(messageOrEmpty(resource['cluster_type'])['typed_config']);
}

function transportFields(resource: Json) {
  const options = messageOrEmpty(
    messageOrEmpty(resource['typed_extension_protocol_options'])[HTTP_OPTIONS],
  );
  const shared = messageOrEmpty(
    options['common_http_protocol_options'] ?? resource['common_http_protocol_options'],
  );
  const upstream = messageOrEmpty(
    options['upstream_http_protocol_options'] ?? resource['upstream_http_protocol_options'],
  );
  const { protocol, http2 } = httpChoice(resource, options);
  const bind = message(messageOrEmpty(resource['upstream_bind_config'])['source_address']);
  return {
    connectTimeoutUs: durationUs(resource['connect_timeout'], 5 * SECOND),
    idleTimeoutUs: durationUs(shared['idle_timeout'], HOUR),
    connectionDurationMaxUs: durationUs(shared['max_connection_duration'], 0),
    streamDurationMaxUs: durationUs(shared['max_stream_duration'], undefined) || undefined,
    requestsPerConnectionMax:
      number(shared['max_requests_per_connection'] ?? resource['max_requests_per_connection'], 0) ||
      Infinity,
    protocol,
    concurrentStreamsMax: number(http2?.['max_concurrent_streams'], MAX_CONCURRENT_STREAMS),
    preconnectRatio: number(
      messageOrEmpty(resource['preconnect_policy'])['per_upstream_preconnect_ratio'],
      1,
    ),
    sourceIp: bind ? text(bind['address']) : undefined,
    autoSni: flag(upstream['auto_sni']),
    autoSniHeader: text(upstream['override_auto_sni_header']) || ':authority',
    autoSanValidation: flag(upstream['auto_san_validation']),
  };
}

function httpChoice(
  resource: Json,
  options: Json,
): { protocol: HttpChoice; http2: Json | undefined } {
  const explicit = message(options['explicit_http_config']);
  const asDownstream = message(options['use_downstream_protocol_config']);
  const auto = message(options['auto_config']);
  const old = message(resource['http2_protocol_options']);
  if (asDownstream || resource['protocol_selection'] === 'USE_DOWNSTREAM_PROTOCOL')
    return {
      protocol: 'as-downstream',
      http2: message((asDownstream ?? resource)['http2_protocol_options']),
    };
  if (auto) return { protocol: 'auto', http2: message(auto['http2_protocol_options']) };
  const http2 = message(explicit?.['http2_protocol_options']) ?? old;
  return { protocol: http2 ? 'http2' : 'http1', http2 };
}

function lbFields(resource: Json) {
  const shared = messageOrEmpty(resource['common_lb_config']);
  return {
    panicThreshold: number(shared['healthy_panic_threshold'], 50),
    failTrafficOnPanic: flag(
      messageOrEmpty(shared['zone_aware_lb_config'])['fail_traffic_on_panic'],
    ),
    isLocalityWeighted: message(shared['locality_weighted_lb_config']) !== undefined,
    hasConnectionPoolPerDownstream: flag(resource['connection_pool_per_downstream_connection']),
    updateMergeWindowUs: durationUs(shared['update_merge_window'], SECOND),
    closesOnHealthFailure: flag(resource['close_connections_on_host_health_failure']),
    ignoresHealthOnRemoval: flag(resource['ignore_health_on_host_removal']),
  };
}

function dnsFields(resource: Json) {
  const nested = message(typedConfig(resource)['dns_refresh_rate'])
    ? typedConfig(resource)
    : resource;
  return {
    dnsRefreshUs: Math.min(durationUs(nested['dns_refresh_rate'], 5 * SECOND), 10 * MINUTE),
  };
}

function secretNames(resource: Json): string[] {
  const names = new Set<string>();
  const sockets = [
    resource['transport_socket'],
    ...messages(resource['transport_socket_matches']).map((entry) => entry['transport_socket']),
  ];
  for (const socket of sockets) collectSecrets(socket, names, SOCKET_DEPTH_MAX);
  return [...names];
}

/** A TLS context, perhaps inside another socket, is not nested deeper than this. */
const SOCKET_DEPTH_MAX = 12;

function collectSecrets(value: unknown, names: Set<string>, depth: number): void {
  const json = message(value);
  if (!json || depth === 0) return;
  for (const [field, inner] of Object.entries(json)) {
    if (field.endsWith('_sds_secret_configs'))
      for (const config of messages(inner)) names.add(text(config['name']));
    else if (field.endsWith('_sds_secret_config')) names.add(text(messageOrEmpty(inner)['name']));
    else collectSecrets(inner, names, depth - 1);
  }
}

function hasSlowStart(resource: Json): boolean {
  return (
    resource['load_balancing_policy'] !== undefined ||
    ['round_robin_lb_config', 'least_request_lb_config'].some(
      (field) => messageOrEmpty(resource[field])['slow_start_config'] !== undefined,
    )
  );
}
