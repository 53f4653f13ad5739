/** Models what all parts of one proxy share: time, chance, statistics, clusters and who listens. */
import type { RandomStream } from '../sim/random.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { Runtime } from './config/runtime.ts';
import type { Journal } from './journal.ts';
import type { ProxyObserver } from './observer.ts';
import type { StatsStore } from './stats.ts';
import type { ClusterManager } from './upstream/contract.ts';
import type { PeerMetadata } from './wire.ts';

export interface ProxyContext {
  readonly simulation: Simulation;
  /** "POD.NS". */
  readonly node: string;
  /** How many worker threads share its connections. */
  readonly workers: number;
  readonly metadata: PeerMetadata | undefined;
  readonly random: RandomStream;
  readonly stats: StatsStore;
  readonly runtime: Runtime;
  readonly clusters: ClusterManager;
  readonly observer: ProxyObserver;
  /** The journal of a request that somebody may ask about. */
  journalFor(requestId: number): Journal | undefined;
}
