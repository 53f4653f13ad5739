/** A few pods without a mesh, for tests of what runs in them. */
import { Network } from '../../src/sim/network/network.ts';
import type { NetworkNamespace } from '../../src/sim/network/namespace.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { SECOND } from '../../src/sim/time.ts';
import type { Application, ContainerContext } from '../../src/workloads/application.ts';
import type { CommandProgram, CommandResult } from '../../src/workloads/commands/command.ts';
import { HttpClient, type ClientRequest } from '../../src/workloads/http/client.ts';
import type { HttpOutcome } from '../../src/workloads/http/outcome.ts';
import { healthy, type Impairment } from '../../src/workloads/impairment.ts';
import { createApplication } from '../../src/workloads/registry.ts';

export interface PodPlan {
  readonly image: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly port?: number;
}

export interface TestPod {
  readonly network: NetworkNamespace;
  readonly application: Application;
  readonly impairment: Impairment;
  readonly logged: string[];
}

/** A cluster whose pods have names that resolve to them. */
export class World {
  readonly simulation: Simulation;
  readonly network: Network;
  readonly pods = new Map<string, TestPod>();
  readonly outside: NetworkNamespace;
  readonly client: HttpClient;
  readonly resolver = { resolve: (host: string) => this.pods.get(host)?.network.ip };
  #requestId = 0;

  constructor(plans: Readonly<Record<string, PodPlan>>, seed = 1) {
    this.simulation = new Simulation(seed);
    this.network = new Network(this.simulation);
    this.outside = this.network.attach({ name: 'outside', ips: ['192.0.2.1'] });
    this.client = new HttpClient(this.outside, this.resolver);
    for (const [name, plan] of Object.entries(plans)) this.pods.set(name, this.#pod(name, plan));
    for (const { application } of this.pods.values()) application.start();
  }

  readonly nextRequestId = (): number => ++this.#requestId;

  send(request: Partial<ClientRequest> & { readonly url: string }): HttpOutcome {
    let result: HttpOutcome | undefined;
    this.client.send({ method: 'GET', ...request }, (outcome) => (result = outcome));
    return this.#awaited(() => result);
  }

  run(program: CommandProgram, argv: readonly string[]): CommandResult {
    let result: CommandResult | undefined;
    const { simulation, outside, resolver, nextRequestId } = this;
    const context = { simulation, network: outside, resolver, namespaceName: 'x', nextRequestId };
    program(context, argv, (done) => (result = done));
    return this.#awaited(() => result);
  }

  #awaited<T>(get: () => T | undefined): T {
    const until = this.simulation.now + 600 * SECOND;
    for (;;) {
      const value = get();
      if (value !== undefined) return value;
      if (this.simulation.nextTime > until) throw new Error('nothing came back');
      this.simulation.step();
    }
  }

  #pod(name: string, { image, env = {}, args = [], port }: PodPlan): TestPod {
    const ip = `10.0.0.${this.pods.size + 1}`;
    const network = this.network.attach({ name, ips: [ip] });
    const logged: string[] = [];
    const impairment = healthy();
    const context: ContainerContext = {
      simulation: this.simulation,
      network,
      pod: { name, namespace: 'x', ip, labels: {}, serviceAccount: name, node: 'n', zone: 'z' },
      container: {
        name,
        image,
        command: [],
        args,
        env: new Map(Object.entries(env)),
        ports: port ? [{ name: 'http', containerPort: port }] : [],
      },
      resolver: this.resolver,
      impairment,
      random: this.simulation.random(`app/${name}`),
      nextRequestId: this.nextRequestId,
      log: (line) => logged.push(line),
    };
    return { network, application: createApplication(image, context), impairment, logged };
  }
}
