/**
 * Models one container of a pod: started, probed, started again when it ends, stopped with grace.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states.
 */
import type { Simulation } from '../../sim/simulation.ts';
import type { RandomStream } from '../../sim/random.ts';
import type { TimerHandle } from '../../sim/event-queue.ts';
import type { Micros } from '../../sim/time.ts';
import { timestamp } from '../api/timestamp.ts';
import type { Container, ContainerState, ContainerStatus } from '../objects/pod.ts';
import { ContainerProbes } from './container-probes.ts';
import { runHook } from './lifecycle-hook.ts';
import { RestartBackOff } from './restart-back-off.ts';
import type { ContainerHandle, ContainerRole } from './runtime.ts';
import { draw, type KubeletTiming } from './timing.ts';

/** What a container needs of its pod. */
export interface ContainerHost {
  readonly simulation: Simulation;
  readonly timing: KubeletTiming;
  readonly chance: RandomStream;
  readonly restartPolicy: string;
  readonly gracePeriodUs: Micros;
  /** Starts the process. */
  launch(worker: ContainerWorker, onExit: (exitCode: number) => void): ContainerHandle;
  /** The process has ended. */
  exited(worker: ContainerWorker, exitCode: number): void;
  /** Something that shows in the status has changed. */
  changed(): void;
}

export class ContainerWorker {
  readonly container: Container;
  readonly role: ContainerRole;
  readonly #host: ContainerHost;
  readonly #backOff: RestartBackOff;
  #state: ContainerState = { waiting: { reason: 'PodInitializing' } };
  #lastState: ContainerState | undefined;
  #handle: ContainerHandle | undefined;
  #probes: ContainerProbes | undefined;
  #isReady = false;
  #isStarted = false;
  #restartCount = 0;
  #isStopping = false;
  /** Counts the processes: what was meant for an earlier one does nothing. */
  #life = 0;
  #killTimer: TimerHandle | undefined;
  #onRunning: (() => void) | undefined;
  #onStopped: (() => void) | undefined;

  constructor(host: ContainerHost, container: Container, role: ContainerRole) {
    this.#host = host;
    this.container = container;
    this.role = role;
    this.#backOff = new RestartBackOff(host.timing);
  }

  get isRunning(): boolean {
    return this.#handle !== undefined;
  }

  /** It has been started, whatever became of it. */
  get hasRun(): boolean {
    return this.isRunning || this.#lastState !== undefined || this.#state.terminated !== undefined;
  }

  get exitCode(): number | undefined {
    return this.#state.terminated?.exitCode;
  }

  /** Pulls the image and starts the process; `onRunning` once the postStart hook is through. */
  start(onRunning: () => void): void {
    this.#onRunning = onRunning;
    this.#wait('ContainerCreating');
    const { timing, chance, simulation } = this.#host;
    const delayUs = draw(timing.imagePull, chance) + draw(timing.containerStart, chance);
    simulation.schedule(delayUs, this.#launch, this.#life, undefined);
  }

  /** preStop hook, SIGTERM, and SIGKILL when the grace is over; `onStopped` when it has ended. */
  stop(graceUs: Micros, onStopped: () => void): void {
    this.#onStopped = onStopped;
    if (this.#isStopping && this.#handle) {
      this.#killWithin(graceUs);
      return;
    }
    this.#isStopping = true;
    this.#probes?.stop();
    if (!this.#handle) {
      this.#life += 1;
      if (!this.#state.terminated) this.#wait('ContainerCreating');
      onStopped();
      return;
    }
    this.#endWithin(graceUs);
  }

  /** The process is gone at once, as when it crashes or is killed. */
  crash(exitCode: number): void {
    const handle = this.#handle;
    if (!handle) return;
    handle.kill();
    this.#exited(this.#life, exitCode);
  }

  status(): ContainerStatus {
    return {
      name: this.container.name,
      image: this.container.image ?? '',
      ready: this.#isReady || (this.role === 'init' && this.exitCode === 0),
      started: this.#isStarted,
      restartCount: this.#restartCount,
      state: this.#state,
      ...(this.#lastState && { lastState: this.#lastState }),
    };
  }

  readonly #launch = (life: number, _unused: undefined): void => {
    if (life !== this.#life || this.#isStopping) return;
    this.#state = { running: { startedAt: timestamp(this.#host.simulation.now) } };
    let earlyExit: number | undefined;
    let isLaunching = true;
    const handle = this.#host.launch(this, (exitCode) => {
      if (isLaunching) earlyExit = exitCode;
      else this.#exited(life, exitCode);
    });
    isLaunching = false;
    this.#handle = handle;
    if (earlyExit !== undefined) {
      this.#exited(life, earlyExit);
      return;
    }
    const hook = this.container.lifecycle?.postStart;
    if (hook) runHook(this.#host.simulation, handle, hook, () => this.#running(life));
    else this.#running(life);
    if (this.role !== 'init') this.#startProbes(handle);
    this.#host.changed();
  };

  #running(life: number): void {
    if (life !== this.#life || this.#isStopping) return;
    const onRunning = this.#onRunning;
    this.#onRunning = undefined;
    onRunning?.();
  }

  #startProbes(handle: ContainerHandle): void {
    const { simulation } = this.#host;
    this.#probes = new ContainerProbes(simulation, this.container, handle, {
      onStarted: () => {
        this.#isStarted = true;
        this.#host.changed();
      },
      onReady: (isReady) => {
        if (this.#isReady === isReady) return;
        this.#isReady = isReady;
        this.#host.changed();
      },
      onUnhealthy: () => {
        this.#probes?.stop();
        this.#endWithin(this.#host.gracePeriodUs);
      },
    });
    this.#probes.start();
  }

  #endWithin(graceUs: Micros): void {
    const { simulation } = this.#host;
    const deadline = simulation.now + graceUs;
    this.#killWithin(graceUs);
    const life = this.#life;
    const terminate = () => {
      if (life === this.#life) this.#handle?.terminate(Math.max(0, deadline - simulation.now));
    };
    const hook = this.container.lifecycle?.preStop;
    if (hook) runHook(simulation, this.#handle!, hook, terminate);
    else terminate();
  }

  #killWithin(graceUs: Micros): void {
    const { simulation } = this.#host;
    if (this.#killTimer !== undefined) simulation.cancel(this.#killTimer);
    this.#killTimer = simulation.schedule(graceUs, this.#kill, this.#life, undefined);
  }

  readonly #kill = (life: number, _unused: undefined): void => {
    if (life === this.#life) this.crash(137);
  };

  #exited(life: number, exitCode: number): void {
    if (life !== this.#life) return;
    const { simulation } = this.#host;
    this.#life += 1;
    this.#probes?.stop();
    if (this.#killTimer !== undefined) simulation.cancel(this.#killTimer);
    this.#killTimer = undefined;
    this.#handle = undefined;
    this.#isReady = false;
    this.#isStarted = false;
    const startedAt = this.#state.running?.startedAt;
    this.#state = {
      terminated: {
        exitCode,
        reason: exitCode === 0 ? 'Completed' : 'Error',
        ...(startedAt && { startedAt }),
        finishedAt: timestamp(simulation.now),
      },
    };
    if (this.#isStopping) this.#stopped();
    else if (this.#restarts(exitCode)) this.#scheduleRestart();
    this.#host.exited(this, exitCode);
    this.#host.changed();
  }

  #stopped(): void {
    const onStopped = this.#onStopped;
    this.#onStopped = undefined;
    onStopped?.();
  }

  #scheduleRestart(): void {
    const { simulation } = this.#host;
    const { waitUs, isBackingOff } = this.#backOff.exited(simulation.now);
    this.#lastState = this.#state;
    if (isBackingOff) this.#wait('CrashLoopBackOff');
    simulation.schedule(waitUs, this.#restart, this.#life, undefined);
  }

  readonly #restart = (life: number, _unused: undefined): void => {
    if (life !== this.#life || this.#isStopping) return;
    this.#restartCount += 1;
    this.#launch(life, undefined);
  };

  #restarts(exitCode: number): boolean {
    if (this.role === 'sidecar') return true;
    const { restartPolicy } = this.#host;
    if (this.role === 'init') return exitCode !== 0 && restartPolicy !== 'Never';
    return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
  }

  #wait(reason: string): void {
    this.#state = { waiting: { reason } };
    this.#host.changed();
  }
}
