/**
 * Models a request as routing sees it: what a route is chosen by, the choice, and what the chosen
 * levels (weighted cluster, route, virtual host, table) say to filters.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/route_matching
 */
import type { ProxyContext } from '../context.ts';
import type { Journal, JournalStepCode } from '../journal.ts';
import { splitPath } from '../router/path.ts';
import type { WeightedCluster } from '../router/route-action.ts';
import { chooseRoute } from '../router/route-choice.ts';
import type { RouteInput } from '../router/route-matcher.ts';
import type { RouteTable, VirtualHost } from '../router/route-table.ts';
import type { Route } from '../router/route.ts';
import type { StreamInfo } from '../stream-info.ts';
import type { ConnectionManager } from './connection-manager.ts';
import type { HeaderMap } from './header-map.ts';
import type { HttpFilter } from './http-filter.ts';

export abstract class RoutedRequest implements RouteInput {
  readonly proxy: ProxyContext;
  readonly manager: ConnectionManager;
  readonly info: StreamInfo;
  readonly journal: Journal | undefined;
  headers: HeaderMap;
  /** The virtual cluster, "other" too, which logs leave out. */
  virtualCluster = '';
  /** The weighted cluster that was chosen, for its per-route configuration. */
  weighted: WeightedCluster | undefined = undefined;
  routeTable: RouteTable | undefined = undefined;
  virtualHost: VirtualHost | undefined = undefined;
  #route: Route | undefined = undefined;
  #routeIsKnown = false;
  /** Some level of the route says something to a filter: nearly none does. */
  #hasFilterConfig = false;
  #random = -1;

  constructor(manager: ConnectionManager, info: StreamInfo, headers: HeaderMap, requestId: number) {
    this.proxy = manager.proxy;
    this.manager = manager;
    this.info = info;
    this.headers = headers;
    this.journal = requestId === 0 ? undefined : this.proxy.journalFor(requestId);
  }

  get path(): string {
    return splitPath(this.headers.get(':path') ?? '').path;
  }

  get query(): string | undefined {
    const { rest } = splitPath(this.headers.get(':path') ?? '');
    return rest === '' ? undefined : rest.slice(1);
  }

  get isTls(): boolean {
    return this.info.tls !== undefined;
  }

  get clientCertificatePresented(): boolean {
    return this.info.tls?.peerPresented ?? false;
  }

  get clientCertificateValidated(): boolean {
    return this.clientCertificatePresented;
  }

  get metadata(): StreamInfo['dynamicMetadata'] {
    return this.info.dynamicMetadata;
  }

  filterState(key: string): unknown {
    return this.info.filterState?.get(key);
  }

  /** The stream's one random number, 32 bits; drawn when first asked for. */
  random(): number {
    if (this.#random < 0) this.#random = this.proxy.random.uint32();
    return this.#random;
  }

  /** The route of the request, decided once; undefined when there is none. */
  get route(): Route | undefined {
    if (!this.#routeIsKnown) {
      this.#routeIsKnown = true;
      this.#route = chooseRoute(this);
      this.#hasFilterConfig =
        this.#route?.perFilter !== undefined ||
        this.weighted?.perFilter !== undefined ||
        this.virtualHost?.perFilter !== undefined ||
        this.routeTable?.perFilter !== undefined;
    }
    return this.#route;
  }

  /** A retry works on a copy: the map before may still be on its way. */
  replaceHeaders(headers: HeaderMap): void {
    this.headers = headers;
    this.info.requestHeaders = headers;
  }

  /** After a filter has changed what routes are matched by. */
  clearRouteCache(): void {
    this.#routeIsKnown = false;
    this.weighted = undefined;
  }

  /** The most specific route configuration of a filter; undefined when no level has any. */
  routeConfig(filter: string): object | undefined {
    const route = this.route;
    if (!this.#hasFilterConfig) return undefined;
    return (
      this.weighted?.perFilter?.get(filter)?.config ??
      route?.perFilter?.get(filter)?.config ??
      this.virtualHost?.perFilter?.get(filter)?.config ??
      this.routeTable?.perFilter?.get(filter)?.config
    );
  }

  /** Off by the listener or by the route. */
  protected isDisabled(filter: HttpFilter): boolean {
    const { disabledFilters } = this.manager;
    const byDefault = disabledFilters.size > 0 && disabledFilters.has(filter.name);
    const route = this.route;
    if (route === undefined || !this.#hasFilterConfig) return byDefault;
    const entry =
      this.weighted?.perFilter?.get(filter.name) ??
      route.perFilter?.get(filter.name) ??
      this.virtualHost?.perFilter?.get(filter.name) ??
      this.routeTable?.perFilter?.get(filter.name);
    return entry ? entry.disabled : byDefault;
  }

  note(
    code: JournalStepCode,
    details: Readonly<Record<string, string | number | boolean | readonly string[]>>,
    resource?: { type: string; name: string },
    origin?: object,
  ): void {
    this.journal?.note({
      time: this.proxy.simulation.now,
      node: this.proxy.node,
      code,
      resource,
      origin,
      details,
    });
  }
}
