/** Sends the requests of a probe's steps, in virtual time, and keeps what came back. */
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { MS, SECOND, type Micros } from '../../sim/time.ts';
import { HttpClient, type Resolver } from '../../workloads/http/client.ts';
import type { HttpOutcome } from '../../workloads/http/outcome.ts';
import { isAddress } from '../../workloads/http/url.ts';
import type { Step } from './case.ts';
import { errorText } from './error-text.ts';
import { converse } from './tcp-conversation.ts';

/** Where requests can be sent from. */
export interface Sender {
  readonly network: NetworkNamespace;
  readonly namespaceName: string;
  readonly resolver: Resolver;
}

/** One request, or one TCP conversation, that is over. */
export interface Sent {
  readonly requestId: number;
  readonly http: HttpOutcome | undefined;
  /** Of TCP: what came back. */
  readonly received: string | undefined;
  /** In words; undefined when there was an answer. */
  readonly error: string | undefined;
  readonly durationUs: Micros;
}

/** A step that was run: what became of its requests, and from when to when it was the newest. */
export interface StepRun {
  readonly step: Step;
  readonly fromUs: Micros;
  untilUs: Micros;
  readonly requestIds: Set<number>;
  /** In the order in which they were sent. */
  readonly sent: (Sent | undefined)[];
}

/** Logs of connections end a moment after the answer; the next step waits for them. */
const DRAIN_US = 20 * MS;
/** What a caller waits for an answer. */
const PATIENCE_US = 60 * SECOND;
export class StepRunner {
  readonly runs: StepRun[] = [];
  readonly #simulation: Simulation;
  readonly #sender: (name: string) => Sender | undefined;
  readonly #change: (step: Step) => void;
  #nextRequestId = 1;

  constructor(
    simulation: Simulation,
    sender: (name: string) => Sender | undefined,
    change: (step: Step) => void,
  ) {
    this.#simulation = simulation;
    this.#sender = sender;
    this.#change = change;
  }

  /** Runs all steps in order, then lets everything settle. */
  runAll(steps: readonly Step[], settleMs: number): void {
    const startUs = this.#simulation.now;
    for (const step of steps) {
      if (step.at_ms !== undefined) this.#simulation.runUntil(startUs + step.at_ms * MS);
      if (step.do === 'app') {
        this.#change(step);
        continue;
      }
      const run = this.#begin(step);
      if (!step.background) this.#finish(run);
    }
    for (const run of this.runs) this.#finish(run);
    this.#simulation.runUntil(this.#simulation.now + Math.max(settleMs * MS, 500 * MS));
    const last = this.runs.at(-1);
    if (last) last.untilUs = Infinity;
  }

  /** The step to which something without a request number belongs that happened at `time`. */
  runAt(time: Micros): StepRun | undefined {
    return this.runs.findLast((run) => run.fromUs <= time && time < run.untilUs);
  }

  #begin(step: Step): StepRun {
    const now = this.#simulation.now;
    const previous = this.runs.at(-1);
    if (previous) previous.untilUs = now;
    const run: StepRun = {
      step,
      fromUs: now,
      untilUs: Infinity,
      requestIds: new Set(),
      sent: new Array<Sent | undefined>(step.count ?? 1).fill(undefined),
    };
    this.runs.push(run);
    if (step.parallel)
      for (let i = 0; i < run.sent.length; i++)
        this.#simulation.schedule(
          i * (step.interval_ms ?? 0) * MS,
          () => this.#send(run, i, () => {}),
          undefined,
          undefined,
        );
    else this.#sendInTurn(run, 0);
    return run;
  }

  #sendInTurn(run: StepRun, index: number): void {
    if (index >= run.sent.length) return;
    this.#send(run, index, () =>
      this.#simulation.schedule(
        (run.step.interval_ms ?? 0) * MS,
        () => this.#sendInTurn(run, index + 1),
        undefined,
        undefined,
      ),
    );
  }

  #finish(run: StepRun): void {
    while (run.sent.includes(undefined)) if (!this.#simulation.step()) break;
    this.#simulation.runUntil(this.#simulation.now + DRAIN_US);
  }

  #send(run: StepRun, index: number, andThen: () => void): void {
    const { step } = run;
    const requestId = this.#nextRequestId++;
    run.requestIds.add(requestId);
    const done = (sent: Sent): void => {
      run.sent[index] = sent;
      andThen();
    };
    const sender = this.#sender(step.from ?? 'external');
    if (!sender || !step.to) {
      const error = `nothing is called ${step.from}`;
      done({ requestId, http: undefined, received: undefined, error, durationUs: 0 });
    } else if (step.tcp !== undefined) this.#sendBytes(sender, step, requestId, done);
    else this.#sendRequest(sender, step, requestId, index, done);
  }

  #sendRequest(
    sender: Sender,
    step: Step,
    requestId: number,
    index: number,
    done: (sent: Sent) => void,
  ): void {
    const { host, port, ip } = step.to!;
    const client = new HttpClient(sender.network, sender.resolver, {
      namespaceName: sender.namespaceName,
      idleMax: 0,
    });
    const headers = Object.entries(step.headers ?? {}).map(
      ([name, value]) => [name, value.replaceAll('{n}', String(index))] as const,
    );
    const { tls } = step;
    const request = {
      method: step.method ?? 'GET',
      url: `${tls ? 'https' : 'http'}://${host}:${port}${step.path ?? '/'}`,
      headers,
      body: step.body,
      timeoutUs: PATIENCE_US,
      requestId,
      address: ip ? { ip, port } : undefined,
      tls: tls && { sni: tls.sni ?? host, alpn: tls.alpn ?? ['http/1.1'] },
    };
    client.send(request, (http) => {
      const error = http.error && errorText(http.error);
      done({ requestId, http, received: undefined, error, durationUs: http.durationUs });
    });
  }

  #sendBytes(sender: Sender, step: Step, requestId: number, done: (sent: Sent) => void): void {
    const { host, port, ip } = step.to!;
    const address =
      ip ?? (isAddress(host) ? host : sender.resolver.resolve(host, sender.namespaceName));
    const startUs = this.#simulation.now;
    const finish = (received: string | undefined, error: string | undefined): void => {
      const durationUs = this.#simulation.now - startUs;
      done({ requestId, http: undefined, received, error, durationUs });
    };
    if (address === undefined) finish(undefined, errorText('no-such-host'));
    else converse(sender.network, { ip: address, port }, step.tcp!, finish);
  }
}
