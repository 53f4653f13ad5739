/**
 * Models the RBAC HTTP filter: 403 for what the rules deny.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter
 */
import type { Message } from '../config/message.ts';
import type {
  FilterContext,
  FilterFactory,
  FilterStatus,
  HttpFilter,
} from '../http/http-filter.ts';
import type { HttpStream } from '../http/stream.ts';
import {
  compileRbac,
  denialDetails,
  enforce,
  RbacStats,
  type RbacSettings,
} from '../rbac/engine.ts';
import type { Subject } from '../rbac/policy.ts';
import { filterStateOf } from '../rbac/peer-principal.ts';

const NAMESPACE = 'envoy.filters.http.rbac';

class Rbac implements HttpFilter {
  readonly name: string;
  readonly #settings: RbacSettings;
  readonly #stats: RbacStats;

  constructor(name: string, config: Message, { proxy, statPrefix }: FilterContext) {
    this.name = name;
    this.#settings = compileRbac(config);
    const own = config.text('rules_stat_prefix');
    this.#stats = new RbacStats(statPrefix + own, this.#settings.shadowPrefix, proxy.stats);
  }

  decode(stream: HttpStream): FilterStatus {
    const settings = (stream.routeConfig(this.name) as RbacSettings | undefined) ?? this.#settings;
    if (!settings.rules && !settings.shadowRules) return 'continue';
    const verdict = enforce(settings, subjectOf(stream), this.#stats, (values) =>
      stream.info.setMetadata(NAMESPACE, values),
    );
    if (stream.journal && verdict)
      stream.note('http-filter', {
        filter: 'rbac',
        allowed: verdict.allowed,
        policy: verdict.policy,
        action: settings.rules?.action ?? '',
      });
    if (!verdict || verdict.allowed) return 'continue';
    stream.sendLocalReply({
      status: 403,
      body: 'RBAC: access denied',
      details: denialDetails(verdict.policy),
    });
    return 'stop';
  }
}

function subjectOf({ headers, info }: HttpStream): Subject {
  return {
    headers,
    destination: info.downstreamLocal,
    directRemoteIp: info.downstreamRemote.ip,
    remoteIp: info.remoteAddress,
    serverName: info.requestedServerName,
    tls: info.tls,
    metadata: info.dynamicMetadata,
    filterState: (key) => filterStateOf(info, key),
  };
}

export const rbac: FilterFactory = {
  types: ['envoy.extensions.filters.http.rbac.v3.RBAC'],
  routeTypes: ['envoy.extensions.filters.http.rbac.v3.RBACPerRoute'],
  create: (name, config, context) => new Rbac(name, config, context),
  compileRoute: (config) => compileRbac(config.messageOrEmpty('rbac')),
};
