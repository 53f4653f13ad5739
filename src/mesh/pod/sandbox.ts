/**
 * Models what a pod has beside its containers: one network namespace, its health as faults see it,
 * and what its containers said.
 */
import type { Pod } from '../../kube/objects/pod.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Application, PodFacts } from '../../workloads/application.ts';
import type { HttpClient } from '../../workloads/http/client.ts';
import { healthy, type Impairment } from '../../workloads/impairment.ts';
import type { Sidecar } from './sidecar.ts';

const LOG_LINES_KEPT = 1000;

export class PodSandbox {
  /** "NAME.NS". */
  readonly id: string;
  readonly pod: Pod;
  readonly facts: PodFacts;
  readonly network: NetworkNamespace;
  readonly impairment: Impairment = healthy();
  readonly applications = new Map<string, Application>();
  readonly #logs = new Map<string, string[]>();
  sidecar: Sidecar | undefined = undefined;
  /** The client of load generators that send from this pod's application. */
  loadClient: HttpClient | undefined = undefined;

  constructor(pod: Pod, facts: PodFacts, network: NetworkNamespace) {
    this.id = `${facts.name}.${facts.namespace}`;
    this.pod = pod;
    this.facts = facts;
    this.network = network;
  }

  /** A line on a container's standard output. */
  log(container: string, line: string): void {
    const lines = this.#logs.get(container) ?? [];
    lines.push(line);
    if (lines.length > LOG_LINES_KEPT) lines.splice(0, lines.length - LOG_LINES_KEPT);
    this.#logs.set(container, lines);
  }

  logs(container: string): readonly string[] {
    return this.#logs.get(container) ?? [];
  }
}
