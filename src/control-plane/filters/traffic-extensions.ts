/** Models filters of WasmPlugins and TrafficExtensions at their phases. */
import type { Filter } from '../../xds/resources/filter-chain.ts';
import type { HttpFilter } from '../../xds/resources/http-connection-manager.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';

export const EXTENSION_PHASES = ['AUTHN', 'AUTHZ', 'STATS', 'UNSPECIFIED_PHASE'] as const;

export type ExtensionPhase = (typeof EXTENSION_PHASES)[number];

export class ExtensionFilters {
  constructor(
    _proxy: Proxy,
    _listenerClass: ListenerClass,
    _port: number,
    _type: 'HTTP' | 'NETWORK',
  ) {}

  http(_phase: ExtensionPhase): HttpFilter[] {
    return [];
  }

  /** All network phases in order. */
  all(): Filter[] {
    return EXTENSION_PHASES.flatMap((phase) => this.network(phase));
  }

  network(_phase: ExtensionPhase): Filter[] {
    return [];
  }
}
