/**
 * Models the mutual TLS mode in force: workload over namespace over mesh, the oldest of each.
 *
 * Spec: istio pilot/pkg/model/authentication.go, pilot/pkg/security/authn/policy_applier.go.
 */
import type { MutualTlsMode, PeerAuthentication } from '../../istio/kinds/peer-authentication.ts';
import { byAge, namespaceOf, selects } from '../config.ts';

export type MtlsMode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

export interface WorkloadMtls {
  readonly mode: MtlsMode;
  readonly perPort: ReadonlyMap<number, MtlsMode>;
}

export class PeerAuthentications {
  readonly #rootNamespace: string;
  readonly #byNamespace = new Map<string, PeerAuthentication[]>();

  constructor(configs: readonly PeerAuthentication[], rootNamespace: string) {
    this.#rootNamespace = rootNamespace;
    for (const config of [...configs].sort(byAge)) {
      const list = this.#byNamespace.get(namespaceOf(config)) ?? [];
      const isSecond = !hasSelector(config) && list.some((it) => !hasSelector(it));
      if (!isSecond) this.#byNamespace.set(namespaceOf(config), [...list, config]);
    }
  }

  /** What a client assumes of servers in `namespace`; workload policies are not looked at. */
  namespaceMode(namespace: string): MtlsMode {
    const own = namespace === this.#rootNamespace ? undefined : this.#wide(namespace);
    return known(own?.spec.mtls?.mode) ?? this.meshMode;
  }

  get meshMode(): MtlsMode {
    return known(this.#wide(this.#rootNamespace)?.spec.mtls?.mode) ?? 'PERMISSIVE';
  }

  /** What a workload's own listeners do. */
  forWorkload(namespace: string, labels: Readonly<Record<string, string>>): WorkloadMtls {
    const isRoot = namespace === this.#rootNamespace;
    const own = isRoot
      ? undefined
      : this.#byNamespace
          .get(namespace)
          ?.find((it) => hasSelector(it) && selects(it.spec.selector?.matchLabels, labels));
    const mode = known(own?.spec.mtls?.mode) ?? this.namespaceMode(namespace);
    const perPort = Object.entries(own?.spec.portLevelMtls ?? {}).map(
      ([port, mtls]): [number, MtlsMode] => [Number(port), known(mtls?.mode) ?? mode],
    );
    return { mode, perPort: new Map(perPort) };
  }

  #wide(namespace: string): PeerAuthentication | undefined {
    return this.#byNamespace.get(namespace)?.find((it) => !hasSelector(it));
  }
}

function hasSelector(config: PeerAuthentication): boolean {
  return Object.keys(config.spec.selector?.matchLabels ?? {}).length > 0;
}

function known(mode: MutualTlsMode | undefined): MtlsMode | undefined {
  return mode === undefined || mode === 'UNSET' ? undefined : mode;
}
