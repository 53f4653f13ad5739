/**
 * Models one container of a pod: started, probed, started again when it ends, stopped with grace.
 *
 * Spec: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-states.
 * Simplified: hooks other than a sleep are the runtime's to run; none of them fails.
 */
import type { Simulation } from '../../sim/simulation.ts';
import type { RandomStream } from '../../sim/random.ts';
import type { TimerHandle } from '../../sim/event-queue.ts';
import { SECOND, type Micros } from '../../sim/time.ts';
import { timestamp } from '../api/timestamp.ts';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  LifecycleHandler,
  Probe,
} from '../objects/pod.ts';
import type { IntOrString } from '../objects/metadata.ts';
import { ProbeWorker } from './probe-worker.ts';
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
  /** The number of a container port given by name. */
  portNumber(container: Container, port: IntOrString): IntOrString;
}

/** After this long without an exit the back-off starts anew. */
const BACK_OFF_FORGOTTEN_US = 600 * SECOND;

export class ContainerWorker {
  readonly container: Container;
  readonly role: ContainerRole;
  readonly #host: ContainerHost;
  #state: ContainerState = { waiting: { reason: 'PodInitializing' } };
  #lastState: ContainerState | undefined;
  #handle: ContainerHandle | undefined;
  #probes: ProbeWorker[] = [];
  #isReady = false;
  #isStarted = false;
  #restartCount = 0;
  #backOffUs = 0;
  #lastExitAt: Micros = -Infinity;
  #isStopping = false;
  #life = 0;
  #killTimer: TimerHandle | undefined;
  #onRunning: (() => void) | undefined;
  #onStopped: (() => void) | undefined;

  constructor(host: ContainerHost, container: Container, role: ContainerRole) {
    this.#host = host;
    this.container = container;
    this.role = role;
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
    this.#stopProbes();
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
      ready: this.#isReady,
      started: this.#isStarted,
      restartCount: this.#restartCount,
      state: this.#state,
      ...(this.#lastState && { lastState: this.#lastState }),
    };
  }

  readonly #launch = (life: number, _unused: undefined): void => {
    if (life !== this.#life || this.#isStopping) return;
    const { simulation } = this.#host;
    this.#state = { running: { startedAt: timestamp(simulation.now) } };
    const exited = (exitCode: number) => this.#exited(life, exitCode);
    let earlyExit: number | undefined;
    let isLaunching = true;
    const handle = this.#host.launch(this, (exitCode) => {
      if (isLaunching) earlyExit = exitCode;
      else exited(exitCode);
    });
    isLaunching = false;
    this.#handle = handle;
    if (earlyExit !== undefined) {
      exited(earlyExit);
      return;
    }
    const hook = this.container.lifecycle?.postStart;
    if (hook) this.#runHook(hook, () => this.#running(life));
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
    const { startupProbe } = this.container;
    if (!startupProbe) {
      this.#hasStarted(handle);
      return;
    }
    const life = this.#life;
    this.#addProbe(startupProbe, handle, (isPassing) => {
      if (life !== this.#life || this.#isStarted) return;
      if (!isPassing) {
        this.#restartUnhealthy();
        return;
      }
      this.#stopProbes();
      this.#hasStarted(handle);
    });
  }

  /** Readiness and liveness are asked only from here on. */
  #hasStarted(handle: ContainerHandle): void {
    this.#isStarted = true;
    const { readinessProbe, livenessProbe } = this.container;
    if (readinessProbe)
      this.#addProbe(readinessProbe, handle, (isPassing) => this.#setReady(isPassing));
    else this.#isReady = true;
    if (livenessProbe)
      this.#addProbe(livenessProbe, handle, (isPassing) => {
        if (!isPassing) this.#restartUnhealthy();
      });
    this.#host.changed();
  }

  #addProbe(probe: Probe, handle: ContainerHandle, onVerdict: (isPassing: boolean) => void): void {
    const resolved = withPortNumbers(probe, (port) => this.#host.portNumber(this.container, port));
    this.#probes.push(new ProbeWorker(this.#host.simulation, resolved, handle, onVerdict));
  }

  #setReady(isReady: boolean): void {
    if (this.#isReady === isReady) return;
    this.#isReady = isReady;
    this.#host.changed();
  }

  /** A failed liveness or startup probe: the container is stopped with grace, then started again. */
  #restartUnhealthy(): void {
    this.#stopProbes();
    this.#endWithin(this.#host.gracePeriodUs);
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
    if (hook) this.#runHook(hook, terminate);
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

  #runHook(hook: LifecycleHandler, done: () => void): void {
    const sleepUs = sleepOf(hook);
    if (sleepUs !== undefined) this.#host.simulation.schedule(sleepUs, done, undefined, undefined);
    else this.#handle?.runHook(hook, done);
  }

  #exited(life: number, exitCode: number): void {
    if (life !== this.#life) return;
    const { simulation } = this.#host;
    this.#life += 1;
    this.#stopProbes();
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

  /** The first restart comes soon; each further one waits twice as long, from 10 s to 5 minutes. */
  #scheduleRestart(): void {
    const { simulation, timing } = this.#host;
    const isCalm = simulation.now - this.#lastExitAt > BACK_OFF_FORGOTTEN_US;
    const waitUs = isCalm ? timing.restartUs : this.#backOffUs;
    this.#backOffUs = isCalm
      ? timing.backOffUs
      : Math.min(this.#backOffUs * 2, timing.backOffMaxUs);
    this.#lastExitAt = simulation.now;
    this.#lastState = this.#state;
    if (!isCalm) this.#wait('CrashLoopBackOff');
    simulation.schedule(waitUs, this.#restart, this.#life, undefined);
  }

  readonly #restart = (life: number, _unused: undefined): void => {
    if (life !== this.#life || this.#isStopping) return;
    this.#restartCount += 1;
    this.#launch(life, undefined);
  };

  #restarts(exitCode: number): boolean {
    if (this.#isStopping) return false;
    if (this.role === 'sidecar') return true;
    if (this.role === 'init') return exitCode !== 0 && this.#host.restartPolicy !== 'Never';
    const { restartPolicy } = this.#host;
    return restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
  }

  #wait(reason: string): void {
    this.#state = { waiting: { reason } };
    this.#host.changed();
  }

  #stopProbes(): void {
    for (const probe of this.#probes) probe.stop();
    this.#probes = [];
  }
}

function withPortNumbers(probe: Probe, resolve: (port: IntOrString) => IntOrString): Probe {
  const { httpGet, tcpSocket } = probe;
  return {
    ...probe,
    ...(httpGet && { httpGet: { ...httpGet, port: resolve(httpGet.port) } }),
    ...(tcpSocket && { tcpSocket: { ...tcpSocket, port: resolve(tcpSocket.port) } }),
  };
}

/** How long a hook sleeps, if that is all it does: `sleep: {seconds}` or `sh -c "sleep 5"`. */
function sleepOf(hook: LifecycleHandler): Micros | undefined {
  if (hook.sleep) return hook.sleep.seconds * SECOND;
  const command = hook.exec?.command?.join(' ') ?? '';
  const found = /^(?:(?:\/bin\/)?(?:ba)?sh -c )?(?:\/bin\/)?sleep (\d+(?:\.\d+)?)s?$/.exec(command);
  return found ? Math.round(Number(found[1]) * SECOND) : undefined;
}
