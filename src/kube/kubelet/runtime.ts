/**
 * Models the container runtime as the kubelet sees it: sandboxes, containers, probes, hooks.
 *
 * The kubelet decides when; whoever implements this makes containers that do something. Callbacks
 * may come at once or later in virtual time.
 *
 * Spec: https://kubernetes.io/docs/concepts/containers/cri/
 */
import type { Container, LifecycleHandler, Pod, ProbeAction } from '../objects/pod.ts';
import type { Micros } from '../../sim/time.ts';

/** "sidecar" is a native one: an init container that stays. */
export type ContainerRole = 'init' | 'sidecar' | 'main';

export interface ContainerCallbacks {
  /** The process has ended by itself or after `terminate`. Call at most once. */
  onExit(exitCode: number): void;
}

export interface ContainerHandle {
  /** SIGTERM. The process should end within `graceUs`, then call onExit. */
  terminate(graceUs: Micros): void;
  /** SIGKILL: it stops at once. The kubelet counts it as exited; onExit is not needed. */
  kill(): void;
  /**
   * Probes the container: an HTTP GET (2xx and 3xx are success), a TCP connect or a gRPC health
   * check. Named ports are resolved already. The kubelet keeps the timeout; a late answer is
   * ignored.
   */
  probe(action: ProbeAction, timeoutUs: Micros, done: (isSuccess: boolean) => void): void;
  /** Runs a postStart or preStop hook other than a plain sleep, then calls `done`. */
  runHook(hook: LifecycleHandler, done: () => void): void;
}

export interface ContainerRuntime<Sandbox = unknown> {
  /** The pod's network namespace: the pod has its nodeName and status.podIP. */
  createSandbox(pod: Pod): Sandbox;
  startContainer(
    sandbox: Sandbox,
    container: Container,
    role: ContainerRole,
    callbacks: ContainerCallbacks,
  ): ContainerHandle;
  /** All its containers have ended. */
  removeSandbox(sandbox: Sandbox): void;
}

/** Containers that do nothing but be healthy; init containers end well. For clusters made only to be looked at. */
export const QUIET_RUNTIME: ContainerRuntime<undefined> = {
  createSandbox: () => undefined,
  startContainer: (_sandbox, _container, role, callbacks) => {
    if (role === 'init') callbacks.onExit(0);
    return {
      terminate: () => callbacks.onExit(0),
      kill: () => undefined,
      probe: (_action, _timeoutUs, done) => done(true),
      runHook: (_hook, done) => done(),
    };
  },
  removeSandbox: () => undefined,
};
