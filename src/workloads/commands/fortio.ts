/**
 * Models `fortio load`: so many connections, so many calls a second, for so long or so often; then
 * a table of what came back.
 *
 * Spec: https://github.com/fortio/fortio (README, "Command line arguments"). Simplified: HTTP only;
 * calls of a connection that has fallen behind are made at once; the histogram is left out.
 */
import { SECOND, type Micros } from '../../sim/time.ts';
import { HttpClient } from '../http/client.ts';
import type { HttpOutcome } from '../http/outcome.ts';
import { LatencyRecord } from '../load/latency-record.ts';
import type { CommandContext, CommandResult } from './command.ts';
import { fortioOptions, type FortioOptions } from './fortio-options.ts';

export function fortio(
  context: CommandContext,
  argv: readonly string[],
  onDone: (result: CommandResult) => void,
): void {
  const options = fortioOptions(argv);
  if (typeof options === 'string') onDone({ output: `${options}\n`, exitCode: 1 });
  else new FortioRun(context, options, onDone).start();
}

class FortioRun {
  readonly #context: CommandContext;
  readonly #options: FortioOptions;
  readonly #onDone: (result: CommandResult) => void;
  readonly #latencies = new LatencyRecord();
  readonly #byCode = new Map<number, number>();
  readonly #clients: HttpClient[] = [];
  readonly #startUs: Micros;
  #started = 0;
  #connectionsLeft: number;

  constructor(
    context: CommandContext,
    options: FortioOptions,
    onDone: (result: CommandResult) => void,
  ) {
    this.#context = context;
    this.#options = options;
    this.#onDone = onDone;
    this.#startUs = context.simulation.now;
    this.#connectionsLeft = options.connections;
  }

  start(): void {
    const { connections, keepAlive, isHttp2 } = this.#options;
    for (let i = 0; i < connections; i++) {
      const client = new HttpClient(this.#context.network, this.#context.resolver, {
        namespaceName: this.#context.namespaceName,
        keepAlive,
        version: isHttp2 ? 'HTTP/2' : 'HTTP/1.1',
        headers: [['user-agent', 'fortio.org/fortio-1.69.5']],
      });
      this.#clients.push(client);
      this.#turn(client, 0);
    }
  }

  /** One connection makes its next call, when its share of the rate says so. */
  #turn(client: HttpClient, count: number): void {
    const { simulation } = this.#context;
    const { qps, connections, durationUs, callsMax } = this.#options;
    const dueUs = qps > 0 ? this.#startUs + (count * connections * SECOND) / qps : simulation.now;
    const isOver =
      callsMax > 0
        ? this.#started >= callsMax
        : Math.max(dueUs, simulation.now) >= this.#startUs + durationUs;
    if (isOver) {
      this.#connectionDone();
      return;
    }
    this.#started += 1;
    const wait = Math.max(0, Math.round(dueUs - simulation.now));
    simulation.schedule(wait, () => this.#call(client, count), undefined, undefined);
  }

  #call(client: HttpClient, count: number): void {
    const { url, headers, method, payload, timeoutUs } = this.#options;
    const requestId = this.#context.nextRequestId();
    client.send({ method, url, headers, body: payload, timeoutUs, requestId }, (outcome) => {
      this.#record(outcome);
      // A call that failed in no time must not be repeated for ever in one instant.
      const pause = outcome.durationUs === 0 ? 1000 : 0;
      this.#context.simulation.schedule(
        pause,
        () => this.#turn(client, count + 1),
        undefined,
        undefined,
      );
    });
  }

  #record({ status, error, durationUs }: HttpOutcome): void {
    const code = error ? -1 : status;
    this.#byCode.set(code, (this.#byCode.get(code) ?? 0) + 1);
    this.#latencies.add(durationUs);
  }

  #connectionDone(): void {
    this.#connectionsLeft -= 1;
    if (this.#connectionsLeft > 0) return;
    for (const client of this.#clients) client.closeIdle();
    this.#onDone({ output: this.#report(), exitCode: 0 });
  }

  #report(): string {
    const { connections, qps, url } = this.#options;
    const tookS = (this.#context.simulation.now - this.#startUs) / SECOND;
    const calls = this.#latencies.count;
    const rate = tookS > 0 ? calls / tookS : 0;
    const aim = qps > 0 ? `${qps} queries per second` : 'max qps';
    const lines = [
      `Running at ${aim}, ${connections} connection(s): ${url}`,
      `Ended after ${tookS.toFixed(6)}s : ${calls} calls. qps=${rate.toPrecision(5)}`,
    ];
    for (const percent of [50, 75, 90, 99, 99.9]) {
      const seconds = this.#latencies.percentileUs(percent) / SECOND;
      lines.push(`# target ${percent}% ${seconds.toPrecision(6)}`);
    }
    for (const [code, count] of [...this.#byCode].sort(([one], [other]) => one - other)) {
      const percent = ((100 * count) / Math.max(1, calls)).toFixed(1);
      lines.push(`Code ${String(code).padStart(3)} : ${count} (${percent} %)`);
    }
    const meanMs = this.#latencies.meanUs / 1000;
    lines.push(
      `All done ${calls} calls (plus 0 warmup) ${meanMs.toFixed(3)} ms avg, ${rate.toFixed(1)} qps`,
    );
    return `${lines.join('\n')}\n`;
  }
}
