/**
 * Models one probe of one container: asked again and again, counted against its thresholds.
 *
 * Spec: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/.
 * Simplified: an exec probe always succeeds; the first probe comes right after the initial delay.
 */
import type { ContainerHandle } from './runtime.ts';
import type { Probe, ProbeAction } from '../objects/pod.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { SECOND } from '../../sim/time.ts';
import type { TimerHandle } from '../../sim/event-queue.ts';

export class ProbeWorker {
  readonly #simulation: Simulation;
  readonly #probe: Probe;
  readonly #handle: ContainerHandle;
  readonly #onVerdict: (isPassing: boolean) => void;
  #timer: TimerHandle | undefined;
  #round = 0;
  #streak = 0;
  #last: boolean | undefined;
  #stopped = false;

  /** `onVerdict` hears each time a threshold is reached, also again and again. */
  constructor(
    simulation: Simulation,
    probe: Probe,
    handle: ContainerHandle,
    onVerdict: (isPassing: boolean) => void,
  ) {
    this.#simulation = simulation;
    this.#probe = probe;
    this.#handle = handle;
    this.#onVerdict = onVerdict;
    const delayUs = (probe.initialDelaySeconds ?? 0) * SECOND;
    this.#timer = simulation.schedule(delayUs, this.#ask, undefined, undefined);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== undefined) this.#simulation.cancel(this.#timer);
  }

  readonly #ask = (): void => {
    const periodUs = (this.#probe.periodSeconds || 10) * SECOND;
    this.#timer = this.#simulation.schedule(periodUs, this.#ask, undefined, undefined);
    const round = ++this.#round;
    if (this.#probe.exec) {
      this.#answer(round, true);
      return;
    }
    const timeoutUs = (this.#probe.timeoutSeconds || 1) * SECOND;
    let timeout: TimerHandle | undefined;
    let isAnswered = false;
    const done = (isSuccess: boolean) => {
      if (isAnswered) return;
      isAnswered = true;
      if (timeout !== undefined) this.#simulation.cancel(timeout);
      this.#answer(round, isSuccess);
    };
    this.#handle.probe(actionOf(this.#probe), timeoutUs, done);
    if (!isAnswered) timeout = this.#simulation.schedule(timeoutUs, done, false, undefined);
  };

  #answer(round: number, isSuccess: boolean): void {
    if (this.#stopped || round !== this.#round) return;
    this.#streak = isSuccess === this.#last ? this.#streak + 1 : 1;
    this.#last = isSuccess;
    const threshold = isSuccess
      ? this.#probe.successThreshold || 1
      : this.#probe.failureThreshold || 3;
    if (this.#streak >= threshold) this.#onVerdict(isSuccess);
  }
}

function actionOf(probe: Probe): ProbeAction {
  const { httpGet, tcpSocket, grpc } = probe;
  return {
    ...(httpGet && { httpGet }),
    ...(tcpSocket && { tcpSocket }),
    ...(grpc && { grpc }),
  };
}
