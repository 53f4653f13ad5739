/**
 * Models how an HttpConnectionManager message becomes a connection manager: its filters, and where
 * its routes come from.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
 */
import { ConfigError } from '../config/config-error.ts';
import { Message } from '../config/message.ts';
import type { ProxyContext } from '../context.ts';
import { compileRouteFilterConfig, filterFactory } from '../filters/registry.ts';
import { compileRouteTable, type RouteTable } from '../router/route-table.ts';
import { runtimeFractionTest } from '../router/route-matcher.ts';
import { ConnectionManager, type RouteSource } from './connection-manager.ts';
import { compileManagerConfig } from './connection-manager-config.ts';
import type { HttpFilter } from './http-filter.ts';

/** Compiles connection managers and keeps the route tables that RDS fills. */
export class ManagerCompiler {
  readonly #proxy: ProxyContext;
  readonly #tables = new Map<string, RouteSource>();

  constructor(proxy: ProxyContext) {
    this.#proxy = proxy;
  }

  /** Names of route configurations that some manager wants by RDS. */
  get wantedTables(): string[] {
    return [...this.#tables.keys()];
  }

  tableSource(name: string): RouteSource {
    let source = this.#tables.get(name);
    if (!source) this.#tables.set(name, (source = { table: undefined }));
    return source;
  }

  /** Managers that use none of these any more have gone with their listeners. */
  forgetTablesBut(names: ReadonlySet<string>): void {
    for (const name of this.#tables.keys()) if (!names.has(name)) this.#tables.delete(name);
  }

  compile(manager: Message): ConnectionManager {
    const config = compileManagerConfig(manager);
    const filters: HttpFilter[] = [];
    const disabled = new Set<string>();
    const list = manager.messages('http_filters');
    list.forEach((filter, i) => {
      if (filter.text('name') === '')
        throw new ConfigError(
          `Proto constraint validation failed (HttpConnectionManagerValidationError.HttpFilters[${i}]: embedded message failed validation | caused by HttpFilterValidationError.Name: value length must be at least 1 characters)`,
        );
      const compiled = this.#compileFilter(filter, i === list.length - 1, config.statPrefix);
      if (!compiled) return;
      filters.push(compiled);
      if (filter.flag('disabled')) disabled.add(compiled.name);
    });
    return new ConnectionManager(this.#proxy, config, this.#routes(manager), filters, disabled);
  }

  #compileFilter(filter: Message, isLast: boolean, statPrefix: string): HttpFilter | undefined {
    const name = filter.text('name');
    const typed = filter.any('typed_config');
    // Simplified: a filter by ECDS without a default lets everything pass until it is there.
    if (!typed && filter.has('config_discovery')) return undefined;
    const factory = filterFactory(typed?.type ?? '');
    if (!factory || !typed) {
      if (filter.flag('is_optional')) return undefined;
      throw new ConfigError(
        `Didn't find a registered implementation for '${name}' with type URL: '${typed?.type ?? ''}'`,
      );
    }
    if (factory.isTerminal && !isLast)
      throw new ConfigError(
        `Error: terminal filter named ${name} of type envoy.filters.http.router must be the last filter in a http filter chain.`,
      );
    const context = { proxy: this.#proxy, statPrefix: `http.${statPrefix}.` };
    return factory.create(name, typed.message, context);
  }

  #routes(manager: Message): RouteSource {
    const inline = manager.message('route_config');
    if (inline) return { table: this.compileTable(inline) };
    const rds = manager.message('rds');
    if (rds) return this.tableSource(rds.text('route_config_name'));
    throw new ConfigError('field: "route_specifier", reason: is required');
  }

  compileTable(configuration: Message): RouteTable {
    const { runtime } = this.#proxy;
    return compileRouteTable(
      configuration,
      {
        runtime,
        perFilter: (filter, type, config) =>
          compileRouteFilterConfig(filter, type, config, {
            proxy: this.#proxy,
            statPrefix: '',
          }),
      },
      runtimeFractionTest(runtime),
    );
  }
}
