/**
 * Models the index of DestinationRules: rules of one host are merged, and the client's namespace, the
 * service's and the root namespace are asked in that order.
 *
 * Spec: istio pilot/pkg/model/{destination_rule,push_context}.go, setDestinationRules, destinationRule.
 */
import type { DestinationRule, Subset } from '../../istio/kinds/destination-rule.ts';
import { byAge, namespaceOf } from '../config.ts';
import { fullHostName, HostIndex } from '../host-name.ts';
import { originIn, withOrigin } from '../origin.ts';
import type { Service } from '../registry/service.ts';

/** Several documents seen as one: the first's policy, everybody's subsets. */
export interface MergedRule {
  rule: DestinationRule;
  readonly exportTo: ReadonlySet<string>;
  readonly from: DestinationRule[];
}

type Rules = HostIndex<MergedRule[]>;

export class DestinationRuleIndex {
  readonly #rootNamespace: string;
  readonly #local = new Map<string, Rules>();
  readonly #exported = new Map<string, Rules>();
  readonly #rootLocal: Rules = new HostIndex();

  constructor(
    configs: readonly DestinationRule[],
    domainSuffix: string,
    rootNamespace: string,
    defaultExportTo: readonly string[],
  ) {
    this.#rootNamespace = rootNamespace;
    for (const config of [...configs].sort(bySelectorAndAge)) {
      const host = fullHostName(config.spec.host, namespaceOf(config), domainSuffix);
      this.#add(
        { ...config, spec: { ...config.spec, host, subsets: subsetsOf(config) } },
        defaultExportTo,
      );
    }
  }

  /** The rules that apply to `service` for clients in `namespace`: at most one without a selector. */
  lookup(namespace: string, service: Service): readonly MergedRule[] {
    const own = namespace === this.#rootNamespace ? this.#rootLocal : this.#local.get(namespace);
    return (
      own?.mostSpecific(service.host) ??
      this.#exportedFrom(service.namespace, service.host, namespace) ??
      this.#exportedFrom(this.#rootNamespace, service.host, namespace) ??
      []
    );
  }

  #exportedFrom(owner: string, host: string, client: string): MergedRule[] | undefined {
    const found = this.#exported
      .get(owner)
      ?.mostSpecific(host)
      ?.filter(({ exportTo }) => exportTo.size === 0 || exportTo.has('*') || exportTo.has(client));
    return found?.length ? found : undefined;
  }

  #add(config: DestinationRule, defaultExportTo: readonly string[]): void {
    const namespace = namespaceOf(config);
    const exportTo = new Set(config.spec.workloadSelector ? ['.'] : (config.spec.exportTo ?? []));
    const has = (it: string) => exportTo.has(it);
    if (exportTo.size === 0 || has('*') || has('.') || has(namespace))
      merge(indexOf(this.#local, namespace), config, exportTo);
    const isPrivate =
      exportTo.size === 0
        ? defaultExportTo.includes('.')
        : exportTo.size === 1 && (has('.') || has(namespace));
    if (!isPrivate) merge(indexOf(this.#exported, namespace), config, exportTo);
    else if (namespace === this.#rootNamespace) merge(this.#rootLocal, config, exportTo);
  }
}

/** Each subset remembers the document it stands in, through merging. */
function subsetsOf(config: DestinationRule): Subset[] {
  return (config.spec.subsets ?? []).map((subset, index) =>
    withOrigin({ ...subset }, originIn(config, 'spec', 'subsets', index)),
  );
}

function indexOf(byNamespace: Map<string, Rules>, namespace: string): Rules {
  let rules = byNamespace.get(namespace);
  if (!rules) byNamespace.set(namespace, (rules = new HostIndex()));
  return rules;
}

function merge(rules: Rules, config: DestinationRule, exportTo: ReadonlySet<string>): void {
  const { host, workloadSelector } = config.spec;
  const list = rules.get(host);
  if (!list) return rules.set(host, [{ rule: config, exportTo, from: [config] }]);
  let isMerged = false;
  for (const existing of list) {
    if (!sameSet(existing.exportTo, exportTo)) continue;
    const other = existing.rule.spec.workloadSelector;
    if (!!other !== !!workloadSelector) continue;
    if (other && !sameLabels(other.matchLabels, workloadSelector?.matchLabels)) continue;
    isMerged = true;
    existing.rule = mergedRule(existing.rule, config);
    existing.from.push(config);
  }
  if (!isMerged) list.push({ rule: config, exportTo, from: [config] });
}

function mergedRule(first: DestinationRule, later: DestinationRule): DestinationRule {
  const subsets = [...(first.spec.subsets ?? [])];
  for (const subset of later.spec.subsets ?? [])
    if (!subsets.some(({ name }) => name === subset.name)) subsets.push(subset);
  const trafficPolicy = first.spec.trafficPolicy ?? later.spec.trafficPolicy;
  return { ...first, spec: { ...first.spec, subsets, ...(trafficPolicy && { trafficPolicy }) } };
}

function bySelectorAndAge(a: DestinationRule, b: DestinationRule): number {
  return Number(!a.spec.workloadSelector) - Number(!b.spec.workloadSelector) || byAge(a, b);
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((it) => b.has(it));
}

function sameLabels(
  a: Readonly<Record<string, string>> | undefined,
  b: Readonly<Record<string, string>> | undefined,
): boolean {
  const keys = Object.keys(a ?? {});
  return keys.length === Object.keys(b ?? {}).length && keys.every((key) => a?.[key] === b?.[key]);
}
