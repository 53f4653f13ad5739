/**
 * Models filters of WasmPlugins and TrafficExtensions: modules come by extension discovery.
 *
 * Spec: istio pilot/pkg/model/extensions.go, pilot/pkg/networking/core/extension.
 */
import type { TrafficExtensionSpec } from '../../istio/kinds/traffic-extension.ts';
import { packAny } from '../../xds/resources/any.ts';
import type { ExtensionConfigSource } from '../../xds/resources/config-source.ts';
import type { Filter } from '../../xds/resources/filter-chain.ts';
import type { HttpFilter } from '../../xds/resources/http-connection-manager.ts';
import { byAge, namespaceOf } from '../config.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';
import { attaches } from '../push/policy-attachment.ts';
import { adsConfigSource } from './config-source.ts';

export const EXTENSION_PHASES = ['AUTHN', 'AUTHZ', 'STATS', 'UNSPECIFIED_PHASE'] as const;

export type ExtensionPhase = (typeof EXTENSION_PHASES)[number];

interface Extension {
  readonly resourceName: string;
  readonly phase: ExtensionPhase;
  readonly priority: number;
  readonly match: TrafficExtensionSpec['match'];
  readonly isNetwork: boolean;
  readonly lua: string | undefined;
}

export class ExtensionFilters {
  readonly #extensions: readonly Extension[];
  readonly #type: 'HTTP' | 'NETWORK';

  /** Those for one listener's side and port, the highest priority of a phase first. */
  constructor(proxy: Proxy, listenerClass: ListenerClass, port: number, type: 'HTTP' | 'NETWORK') {
    this.#type = type;
    this.#extensions = extensionsOf(proxy).filter(
      (it) =>
        it.isNetwork === (type === 'NETWORK') && matchesListener(it.match, listenerClass, port),
    );
  }

  http(phase: ExtensionPhase): HttpFilter[] {
    return this.#extensions.filter((it) => it.phase === phase).map((it) => this.#filter(it));
  }

  network(phase: ExtensionPhase): Filter[] {
    return this.http(phase);
  }

  /** All network phases in order. */
  all(): Filter[] {
    return EXTENSION_PHASES.flatMap((phase) => this.network(phase));
  }

  #filter({ resourceName, lua }: Extension): HttpFilter {
    if (lua !== undefined)
      return {
        name: resourceName,
        typed_config: packAny('envoy.extensions.filters.http.lua.v3.Lua', {
          default_source_code: { inline_string: lua },
        }),
      };
    return { name: resourceName, config_discovery: this.#type === 'HTTP' ? HTTP_WASM : TCP_WASM };
  }
}

const HTTP_WASM = wasmDiscovery('http');
const TCP_WASM = wasmDiscovery('network');

function wasmDiscovery(kind: 'http' | 'network'): ExtensionConfigSource {
  return {
    config_source: adsConfigSource(),
    type_urls: [
      `type.googleapis.com/envoy.extensions.filters.${kind}.wasm.v3.Wasm`,
      `type.googleapis.com/envoy.extensions.filters.${kind}.rbac.v3.RBAC`,
    ],
  };
}

function extensionsOf(proxy: Proxy): readonly Extension[] {
  const cache = proxy.push.cache<Proxy, readonly Extension[]>('traffic-extensions');
  let found = cache.get(proxy);
  if (!found) cache.set(proxy, (found = collect(proxy)));
  return found;
}

function collect(proxy: Proxy): Extension[] {
  const { push, node } = proxy;
  const namespaces = [...new Set([node.namespace, push.mesh.rootNamespace])];
  const documents = [...push.configs('WasmPlugin'), ...push.configs('TrafficExtension')].sort(
    byAge,
  );
  return namespaces
    .flatMap((namespace) =>
      documents.filter((it) => namespaceOf(it) === namespace && attaches(it, proxy)),
    )
    .map(({ kind, metadata, spec }): Extension => {
      const suffix = kind === 'WasmPlugin' ? '~istio-translated-wasmplugin' : '';
      const phase = spec.phase ?? 'UNSPECIFIED_PHASE';
      const extension = spec as TrafficExtensionSpec;
      const type = extension.wasm?.type ?? (spec as { type?: string }).type;
      return {
        resourceName: `extensions.istio.io/trafficextension/${metadata.namespace ?? ''}.${metadata.name}${suffix}`,
        phase: phase === 'UNSPECIFIED' ? 'UNSPECIFIED_PHASE' : phase,
        priority: spec.priority ?? -Infinity,
        match: spec.match,
        isNetwork: type === 'NETWORK',
        lua: extension.lua?.inlineCode,
      };
    })
    .sort((a, b) => (a.priority === b.priority ? 0 : b.priority - a.priority));
}

/** A gateway is a client. */
function matchesListener(
  match: Extension['match'],
  listenerClass: ListenerClass,
  port: number,
): boolean {
  if (!match?.length) return true;
  const own = listenerClass === 'inbound' ? 'SERVER' : 'CLIENT';
  return match.some(({ mode = 'CLIENT_AND_SERVER', ports = [] }) => {
    const isSide = mode === 'CLIENT_AND_SERVER' || mode === 'UNDEFINED' || mode === own;
    return isSide && (ports.length === 0 || ports.some(({ number }) => number === port));
  });
}
