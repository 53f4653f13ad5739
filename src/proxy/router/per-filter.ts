/**
 * Models typed_per_filter_config: what a route, virtual host or weighted cluster says to a filter.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/http_filters#per-route-configuration
 */
import { typeName, type Message } from '../config/message.ts';

/** One filter's route configuration; `config` is what the filter compiled. */
export interface PerFilterEntry {
  readonly disabled: boolean;
  readonly config: object | undefined;
}

/** By the filter's name in the connection manager. */
export type PerFilterConfig = ReadonlyMap<string, PerFilterEntry>;

/** Compiles the Any of a filter's route configuration; throws ConfigError. */
export type PerFilterCompiler = (filter: string, type: string, config: Message) => object;

const FILTER_CONFIG = 'envoy.config.route.v3.FilterConfig';

export function compilePerFilter(
  message: Message,
  compile: PerFilterCompiler,
): PerFilterConfig | undefined {
  const entries = message.entries('typed_per_filter_config');
  if (entries.length === 0) return undefined;
  return new Map(entries.map(([filter, any]) => [filter, compileEntry(filter, any, compile)]));
}

function compileEntry(filter: string, any: Message, compile: PerFilterCompiler): PerFilterEntry {
  if (typeName(any.text('@type')) === FILTER_CONFIG) {
    const inner = any.any('config');
    return {
      disabled: any.flag('disabled'),
      config: inner?.type ? compile(filter, inner.type, inner.message) : undefined,
    };
  }
  const { type, message } = any.asAny();
  return { disabled: false, config: compile(filter, type, message) };
}
