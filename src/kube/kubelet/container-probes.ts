/**
 * Models the three probes of one running container: startup first, then readiness and liveness.
 *
 * Spec: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
 */
import type { IntOrString } from '../objects/metadata.ts';
import type { Container, Probe } from '../objects/pod.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { ProbeWorker } from './probe-worker.ts';
import type { ContainerHandle } from './runtime.ts';

export interface ProbeListener {
  /** The startup probe has passed, or there is none. */
  onStarted(): void;
  onReady(isReady: boolean): void;
  /** Liveness or startup has failed for good: the container must be started again. */
  onUnhealthy(): void;
}

export class ContainerProbes {
  readonly #simulation: Simulation;
  readonly #container: Container;
  readonly #handle: ContainerHandle;
  readonly #listener: ProbeListener;
  #workers: ProbeWorker[] = [];

  constructor(
    simulation: Simulation,
    container: Container,
    handle: ContainerHandle,
    listener: ProbeListener,
  ) {
    this.#simulation = simulation;
    this.#container = container;
    this.#handle = handle;
    this.#listener = listener;
  }

  start(): void {
    const { startupProbe } = this.#container;
    if (!startupProbe) this.#started();
    else
      this.#add(startupProbe, (isPassing) => {
        if (isPassing) {
          this.stop();
          this.#started();
        } else this.#listener.onUnhealthy();
      });
  }

  stop(): void {
    for (const worker of this.#workers) worker.stop();
    this.#workers = [];
  }

  #started(): void {
    const { readinessProbe, livenessProbe } = this.#container;
    this.#listener.onStarted();
    if (readinessProbe) this.#add(readinessProbe, (isReady) => this.#listener.onReady(isReady));
    else this.#listener.onReady(true);
    if (livenessProbe)
      this.#add(livenessProbe, (isPassing) => {
        if (!isPassing) this.#listener.onUnhealthy();
      });
  }

  #add(probe: Probe, onVerdict: (isPassing: boolean) => void): void {
    const resolved = this.#withPortNumbers(probe);
    this.#workers.push(new ProbeWorker(this.#simulation, resolved, this.#handle, onVerdict));
  }

  #withPortNumbers(probe: Probe): Probe {
    const { httpGet, tcpSocket } = probe;
    const number = (port: IntOrString) =>
      this.#container.ports?.find(({ name }) => name === port)?.containerPort ?? port;
    return {
      ...probe,
      ...(httpGet && { httpGet: { ...httpGet, port: number(httpGet.port) } }),
      ...(tcpSocket && { tcpSocket: { ...tcpSocket, port: number(tcpSocket.port) } }),
    };
  }
}
