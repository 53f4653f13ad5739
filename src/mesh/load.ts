/** Models the load of a scene: its sources, each running against the mesh, each with a dial. */
import type { LoadSource } from '../protocol/scene.ts';
import type { Network } from '../sim/network/network.ts';
import { HttpClient, type Resolver } from '../workloads/http/client.ts';
import { LoadGenerator, type LoadListener, type LoadOrigin } from '../workloads/load/generator.ts';
import type { PodSandbox } from './pod/sandbox.ts';

const OUTSIDE = 'external';
const OUTSIDE_IP = '192.0.2.1';

export interface LoadSurroundings {
  readonly network: Network;
  readonly resolver: Resolver;
  readonly listener: LoadListener;
  /** Running pods that a source named "POD.NS" or "WORKLOAD.NS" sends from. */
  podsOf(from: string): readonly PodSandbox[];
}

export class Load {
  readonly #surroundings: LoadSurroundings;
  readonly #generators = new Map<string, LoadGenerator>();
  readonly #origins = new Map<string, readonly LoadOrigin[]>();
  #outside: LoadOrigin | undefined = undefined;

  constructor(surroundings: LoadSurroundings) {
    this.#surroundings = surroundings;
  }

  get sources(): readonly LoadSource[] {
    return [...this.#generators.values()].map(({ source }) => source);
  }

  /** Starts a source, or replaces the one of the same id. */
  set(source: LoadSource): void {
    this.#generators.get(source.id)?.stop();
    const { network, listener } = this.#surroundings;
    const generator = new LoadGenerator(
      network.simulation,
      source,
      () => this.#originsOf(source.from),
      listener,
    );
    this.#generators.set(source.id, generator);
    generator.start();
  }

  /** Pods have come or gone. */
  podsChanged(): void {
    this.#origins.clear();
  }

  /** Whoever sends from outside the cluster, people with curl included. */
  outside(): LoadOrigin {
    return (this.#outside ??= this.#newOutside());
  }

  /** The client of a pod's application: what it sends is captured by its sidecar. */
  originOf(sandbox: PodSandbox): LoadOrigin {
    sandbox.loadClient ??= new HttpClient(sandbox.network, this.#surroundings.resolver, {
      namespaceName: sandbox.facts.namespace,
    });
    return { name: sandbox.id, client: sandbox.loadClient };
  }

  #originsOf(from: string): readonly LoadOrigin[] {
    const known = this.#origins.get(from);
    if (known) return known;
    const origins =
      from === OUTSIDE
        ? [this.outside()]
        : this.#surroundings.podsOf(from).map((sandbox) => this.originOf(sandbox));
    this.#origins.set(from, origins);
    return origins;
  }

  #newOutside(): LoadOrigin {
    const { network, resolver } = this.#surroundings;
    const namespace = network.attach({ name: OUTSIDE, ips: [OUTSIDE_IP] });
    return { name: OUTSIDE, client: new HttpClient(namespace, resolver) };
  }
}
