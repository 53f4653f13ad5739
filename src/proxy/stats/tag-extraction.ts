/**
 * Models how Envoy splits a statistic's name into a general name and tags: which cluster, which
 * listener, which response code.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/metrics/v3/stats.proto (use_all_default_tags)
 */

export interface Tag {
  readonly name: string;
  readonly value: string;
}

export interface TaggedName {
  readonly name: string;
  readonly tags: readonly Tag[];
}

interface Rule {
  readonly tag: string;
  /** Group 1 is cut out of the name, group 2 is the value. */
  readonly pattern: RegExp;
}

/**
 * A rule by parts of a name: "$" is the tag, "*" any part, a final "**" any number of parts. What
 * is cut out is the tag's part with the dot before or after it.
 */
function parts(tag: string, form: string): Rule {
  const tokens = form.split('.');
  const pattern = tokens
    .map((token, i) => {
      if (token === '$') return i === tokens.length - 1 ? '' : '(([^.]+)\\.)';
      if (token === '**') return '.+';
      return `${token === '*' ? '[^.]+' : token}${i === tokens.length - 2 && tokens.at(-1) === '$' ? '(\\.([^.]+))' : '\\.'}`;
    })
    .join('')
    .replace(/\\\.$/, '');
  return { tag, pattern: new RegExp(`^${pattern}$`, 'd') };
}

function rule(tag: string, pattern: string): Rule {
  return { tag, pattern: new RegExp(pattern, 'd') };
}

/** In Envoy's order: tags of a name are listed in it. */
const RULES: readonly Rule[] = [
  rule('envoy.response_code', '_rq(_(\\d{3}))$'),
  rule('envoy.response_code_class', '_rq_((\\d))xx$'),
  rule(
    'envoy.dynamo_partition_id',
    '^http\\.[^.]+\\.dynamodb\\.table\\.[^.]+\\.capacity\\.[^.]+(\\.__partition_id=(\\w{7}))$',
  ),
  rule(
    'envoy.dynamo_operation',
    '^http\\.[^.]+\\.dynamodb\\.(?:operation|table\\.[^.]+\\.capacity)(\\.([^.]+))(?:\\.|$)',
  ),
  parts('envoy.mongo_callsite', 'mongo.*.collection.*.callsite.$.query.**'),
  parts('envoy.dynamo_table', 'http.*.dynamodb.table.$.**'),
  parts('envoy.dynamo_table', 'http.*.dynamodb.error.$.**'),
  parts('envoy.mongo_collection', 'mongo.*.collection.$.**'),
  parts('envoy.mongo_cmd', 'mongo.*.cmd.$.**'),
  parts('envoy.grpc_bridge_method', 'cluster.*.grpc.*.$.**'),
  parts('envoy.http_user_agent', 'http.*.user_agent.$.**'),
  parts('envoy.virtual_cluster', 'vhost.*.vcluster.$.**'),
  parts('envoy.fault_downstream_cluster', 'http.*.fault.$.**'),
  rule('envoy.ssl_cipher', '^listener\\..*?\\.ssl\\.ciphers(\\.([^.]+))$'),
  parts('cipher_suite', 'cluster.*.ssl.ciphers.$'),
  parts('envoy.grpc_bridge_service', 'cluster.*.grpc.$.**'),
  parts('envoy.tcp_prefix', 'tcp.$.**'),
  parts('envoy.udp_prefix', 'udp.$.**'),
  parts('envoy.clientssl_prefix', 'auth.clientssl.$.**'),
  parts('envoy.ratelimit_prefix', 'ratelimit.$.**'),
  // Istio ends its names with ";", because they contain dots.
  rule('envoy.cluster_name', '^cluster\\.((.+);\\.)'),
  rule('envoy.cluster_name', '^cluster\\.(([^.;]+)\\.)[^;]*$'),
  rule('envoy.http_conn_manager_prefix', '^listener\\..*?\\.http\\.(([^.]+)\\.)'),
  parts('envoy.http_conn_manager_prefix', 'http.$.**'),
  rule(
    'envoy.listener_address',
    '^listener\\.(((?:\\d+\\.\\d+\\.\\d+\\.\\d+_\\d+|(?!admin\\.)[^.]+))\\.)',
  ),
  parts('envoy.virtual_host', 'vhost.$.**'),
  parts('envoy.mongo_prefix', 'mongo.$.**'),
  rule('envoy.rds_route_config', '^http\\.[^.]+\\.rds\\.((.+)\\.)\\w+$'),
  rule('envoy.scoped_rds_config', '^http\\.[^.]+\\.scoped_rds\\.((.+)\\.)\\w+$'),
  rule('envoy.worker_id', '^(?:listener_manager\\.|server\\.|listener\\..+?\\.)worker_((\\d+)\\.)'),
  parts('envoy.thrift_prefix', 'thrift.$.**'),
  parts('envoy.redis_prefix', 'redis.$.**'),
  parts('envoy.dns_filter_prefix', 'dns_filter.$.**'),
  parts('envoy.connection_limit_prefix', 'connection_limit.$.**'),
  rule('envoy.rbac_prefix', '^(([^.]+)\\.)rbac\\.'),
  rule(
    'envoy.rbac_http_prefix',
    '^http\\.[^.]+\\.rbac\\.((?!policy\\.)([^.]+)\\.)(?:allowed|denied|shadow_|policy\\.)',
  ),
  rule('envoy.rbac_policy_name', '^http\\.[^.]+\\.rbac\\.(?:.+\\.)?policy\\.(([^.]+)\\.)'),
  parts('envoy.local_http_ratelimit_prefix', '$.http_local_rate_limit.**'),
  parts('envoy.local_network_ratelimit_prefix', 'local_rate_limit.$.**'),
  parts('envoy.local_listener_ratelimit_prefix', 'listener_local_ratelimit.$.**'),
  rule('envoy.proxy_protocol_version', '^proxy_proto\\.(?:[^.]+\\.)??(versions\\.v(\\d)\\.)\\w'),
  rule('envoy.proxy_protocol_prefix', '^proxy_proto\\.((?!versions\\.)([^.]+)\\.).'),
  rule(
    'envoy.tls_certificate',
    '^(?:listener|cluster)\\..*?\\.ssl\\.certificate\\.(([^.]+)\\.)expiration_unix_time_seconds$',
  ),
];

const CACHE_MAX = 100_000;
/** Pure results, by name. */
const cache = new Map<string, TaggedName>();

/** The general name and the tags of a statistic. */
export function extractTags(name: string): TaggedName {
  let tagged = cache.get(name);
  if (tagged) return tagged;
  tagged = extract(name);
  if (cache.size >= CACHE_MAX) cache.clear();
  cache.set(name, tagged);
  return tagged;
}

function extract(name: string): TaggedName {
  const tags: Tag[] = [];
  const cuts: [number, number][] = [];
  for (const { tag, pattern } of RULES) {
    const match = pattern.exec(name);
    if (!match?.indices || tags.some((known) => known.name === tag)) continue;
    tags.push({ name: tag, value: match[2]! });
    cuts.push(match.indices[1]!);
  }
  cuts.sort(([one], [other]) => one - other);
  let general = '';
  let at = 0;
  for (const [from, to] of cuts) {
    if (from > at) general += name.slice(at, from);
    at = Math.max(at, to);
  }
  return { name: general + name.slice(at), tags };
}
