/**
 * Models what a container runs: the program of a known image, started with its environment and
 * arguments, in the network of its pod. It does not know whether there is a sidecar.
 */
import type { HeaderMap } from '../proxy/http/header-map.ts';
import type { NetworkNamespace } from '../sim/network/namespace.ts';
import type { RandomStream } from '../sim/random.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { Micros } from '../sim/time.ts';
import type { HttpOutcome } from './http/outcome.ts';
import type { Resolver } from './http/client.ts';
import type { Impairment } from './impairment.ts';

/** What the downward API can tell a container of its pod. */
export interface PodFacts {
  readonly name: string;
  readonly namespace: string;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly node: string;
  readonly zone: string;
}

/** A container of a pod's spec, its environment resolved (valueFrom included). */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
}

/** Hears of requests inside applications, for journeys and the page. Changes nothing. */
export interface ApplicationObserver {
  received(pod: PodFacts, requestId: number, method: string, path: string): void;
  called(pod: PodFacts, requestId: number, url: string): void;
  /** `headers` are those of the request that came in: they say which trace it belongs to. */
  answered(pod: PodFacts, requestId: number, status: number, headers: HeaderMap): void;
  /** What came back from a call that the application made. */
  returned(pod: PodFacts, url: string, outcome: HttpOutcome): void;
}

export interface ContainerContext {
  readonly simulation: Simulation;
  readonly network: NetworkNamespace;
  readonly pod: PodFacts;
  readonly container: ContainerSpec;
  readonly resolver: Resolver;
  readonly impairment: Impairment;
  /** The container's own stream of chance. */
  readonly random: RandomStream;
  /** The number of the next request of the run, for programs that send by themselves. */
  nextRequestId(): number;
  /** A line on standard output. */
  log(line: string): void;
  readonly observer?: ApplicationObserver | undefined;
}

export interface Application {
  /** Starts listening, and whatever it does by itself. Called once. */
  start(): void;
  /** SIGTERM: no new work, finish what is under way, be gone after `graceUs`. */
  stop(graceUs: Micros): void;
  /** What its own readiness check would say. */
  isReady(): boolean;
}

export type ApplicationFactory = (context: ContainerContext) => Application;
