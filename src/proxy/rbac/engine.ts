/**
 * Models the two engines of an RBAC filter: the enforced one and its shadow, with their statistics.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { Counter, StatsStore } from '../stats.ts';
import { compileRules, judge, type RbacRules, type RbacVerdict, type Subject } from './policy.ts';

export interface RbacSettings {
  readonly rules: RbacRules | undefined;
  readonly shadowRules: RbacRules | undefined;
  readonly shadowPrefix: string;
}

export function compileRbac(config: Message): RbacSettings {
  if (config.has('matcher') || config.has('shadow_matcher'))
    throw new ConfigError('RBAC matcher trees are not supported');
  const rules = config.message('rules');
  const shadow = config.message('shadow_rules');
  return {
    rules: rules && compileRules(rules),
    shadowRules: shadow && compileRules(shadow),
    shadowPrefix: config.text('shadow_rules_stat_prefix'),
  };
}

export class RbacStats {
  readonly allowed: Counter;
  readonly denied: Counter;
  readonly shadowAllowed: Counter;
  readonly shadowDenied: Counter;

  /** `prefix`: "http.<stat prefix>." or "<stat prefix>.". */
  constructor(prefix: string, shadowPrefix: string, stats: StatsStore) {
    this.allowed = stats.counter(`${prefix}rbac.allowed`);
    this.denied = stats.counter(`${prefix}rbac.denied`);
    const shadow = `${prefix}rbac.${shadowPrefix === '' ? '' : `${shadowPrefix}.`}`;
    this.shadowAllowed = stats.counter(`${shadow}shadow_allowed`);
    this.shadowDenied = stats.counter(`${shadow}shadow_denied`);
  }
}

/**
 * Undefined: nothing is enforced. What the shadow found, and what a LOG action wants logged, goes
 * to `setMetadata` under Envoy's keys.
 */
export function enforce(
  settings: RbacSettings,
  subject: Subject,
  stats: RbacStats,
  setMetadata: (values: Readonly<Record<string, unknown>>) => void,
): RbacVerdict | undefined {
  const { rules, shadowRules, shadowPrefix } = settings;
  if (shadowRules) {
    const verdict = judge(shadowRules, subject);
    (verdict.allowed ? stats.shadowAllowed : stats.shadowDenied).inc();
    setMetadata({
      [`${shadowPrefix}shadow_engine_result`]: verdict.allowed ? 'allowed' : 'denied',
      ...(verdict.policy === 'none'
        ? {}
        : { [`${shadowPrefix}shadow_effective_policy_id`]: verdict.policy }),
    });
  }
  if (!rules) return undefined;
  const verdict = judge(rules, subject);
  if (rules.action === 'log') setMetadata({ access_log_hint: verdict.policy !== 'none' });
  (verdict.allowed ? stats.allowed : stats.denied).inc();
  return verdict;
}

/** Spaces in a policy's name would end the details. */
export function denialDetails(policy: string): string {
  return `rbac_access_denied_matched_policy[${policy.replaceAll(' ', '_')}]`;
}
