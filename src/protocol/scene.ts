/** What a scene is, as plain data: manifests, load and scripted events. */

/** One file of the editor; `text` may hold several YAML documents. */
export interface SceneFile {
  readonly path: string;
  readonly text: string;
}

export interface LoadSource {
  readonly id: string;
  /** Where requests come from: "POD.NS", "WORKLOAD.NS" (all its pods) or "external". */
  readonly from: string;
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly model:
    | {
        readonly kind: 'open';
        readonly ratePerSecond: number;
        readonly arrivals: 'poisson' | 'constant';
      }
    | { readonly kind: 'closed'; readonly connections: number; readonly thinkMs: number };
  /** Share of requests that get these headers instead, in percent (for A/B cohorts). */
  readonly variants?: readonly {
    readonly percent: number;
    readonly headers: Readonly<Record<string, string>>;
  }[];
  readonly timeoutMs?: number;
}

export interface ScriptedEvent {
  readonly atMs: number;
  /** A command of the terminal ("kubectl delete pod …") or a fault. */
  readonly exec?: string;
  readonly fault?: FaultRequest;
}

export interface Scene {
  readonly id: string;
  readonly title: Readonly<Record<Language, string>>;
  /** One sentence under the title. */
  readonly lead: Readonly<Record<Language, string>>;
  readonly seed: number;
  /** Manifests that are there from the start and not in the editor (the applications). */
  readonly platform: readonly SceneFile[];
  /** Manifests the learner sees and edits. */
  readonly files: readonly SceneFile[];
  readonly load: readonly LoadSource[];
  readonly events: readonly ScriptedEvent[];
}

export type Language = 'hi-Latn' | 'en';

export type FaultKind =
  'kill-pod' | 'slow-pod' | 'error-rate' | 'cut-link' | 'partition-zone' | 'lose-istiod';

export interface FaultRequest {
  readonly kind: FaultKind;
  /** What it strikes: "POD.NS", a zone, or two ends "A -> B" for a link. "" where there is no choice. */
  readonly target: string;
  /** Size, in the fault's own unit (ms of delay, percent of errors). */
  readonly size?: number;
  /** How long, in virtual milliseconds; absent: until it is undone. */
  readonly forMs?: number;
}
