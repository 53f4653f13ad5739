/**
 * Models which Telemetry documents are about a workload: the mesh's, its namespace's, its own.
 *
 * Spec: istio pilot/pkg/model/telemetry.go, applicableTelemetries.
 */
import type { ExtensionProvider } from '../../istio/kinds/extension-provider.ts';
import type {
  AccessLogging,
  Metrics,
  ProviderReference,
  Tracing,
  WorkloadMode,
} from '../../istio/kinds/telemetry.ts';
import { namespaceOf } from '../config.ts';
import type { ListenerClass, Proxy } from '../proxy.ts';
import { attaches } from '../push/policy-attachment.ts';

export interface ApplicableTelemetry {
  readonly metrics: readonly Metrics[];
  readonly tracing: readonly Tracing[];
  /** One list a document: an entry without providers takes the ones named before it. */
  readonly accessLogging: readonly (readonly AccessLogging[])[];
}

export function applicableTelemetry(proxy: Proxy): ApplicableTelemetry {
  const cache = proxy.push.cache<Proxy, ApplicableTelemetry>('telemetry');
  let found = cache.get(proxy);
  if (!found) cache.set(proxy, (found = collect(proxy)));
  return found;
}

function collect(proxy: Proxy): ApplicableTelemetry {
  const all = proxy.push.configs('Telemetry');
  const { rootNamespace } = proxy.push.mesh;
  const own = proxy.node.namespace;
  const isWide = ({ spec }: (typeof all)[number]) =>
    !Object.keys(spec.selector?.matchLabels ?? {}).length &&
    !spec.targetRef &&
    !spec.targetRefs?.length;
  const wide = [...new Set([rootNamespace, own])].flatMap(
    (namespace) => all.find((it) => namespaceOf(it) === namespace && isWide(it)) ?? [],
  );
  const specific = all.filter(
    (it) => namespaceOf(it) === own && !isWide(it) && attaches(it, proxy),
  );
  const specs = [...wide, ...specific].map(({ spec }) => spec);
  return {
    metrics: specs.flatMap(({ metrics = [] }) => metrics),
    tracing: specs.flatMap(({ tracing = [] }) => tracing),
    accessLogging: specs.flatMap(({ accessLogging }) =>
      accessLogging?.length ? [accessLogging] : [],
    ),
  };
}

/** Servers are told on the inbound side alone; a gateway is a client. */
export function modeOf(listenerClass: ListenerClass): 'CLIENT' | 'SERVER' {
  return listenerClass === 'inbound' ? 'SERVER' : 'CLIENT';
}

export function matchesMode(
  match: { readonly mode?: WorkloadMode } | undefined,
  mode: 'CLIENT' | 'SERVER',
): boolean {
  const asked = match?.mode ?? 'CLIENT_AND_SERVER';
  return asked === 'CLIENT_AND_SERVER' || asked === mode;
}

export function providerNames(providers: readonly ProviderReference[] | undefined): string[] {
  return (providers ?? []).map(({ name }) => name);
}

export function providerNamed({ push }: Proxy, name: string): ExtensionProvider | undefined {
  const wanted = name.toLowerCase();
  return push.mesh.extensionProviders.find((it) => it.name.toLowerCase() === wanted);
}
