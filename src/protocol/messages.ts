/**
 * The two unions between page and mesh worker: commands up, events down. Plain data only; each
 * message names its run, so that what a closed run still says is recognised and dropped.
 */
import type { TextDiagnostic } from './diagnostic.ts';
import type { Frame, Pin } from './frame.ts';
import type { Journey } from './journey.ts';
import type { FaultRequest, LoadSource, Scene, SceneFile } from './scene.ts';
import type { Topology } from './topology.ts';

/** Raised by one when a message changes its meaning or shape. */
export const PROTOCOL_VERSION = 1;

/** An entry of the session's log: with scene and seed it is the whole session. */
export interface LogEntry {
  readonly timeUs: number;
  /** How many events had been handled: several may share one instant. */
  readonly eventNumber: number;
  readonly action: Action;
}

/** What changes the mesh. Everything else only looks at it. */
export type Action =
  | { readonly type: 'apply'; readonly files: readonly SceneFile[] }
  | { readonly type: 'exec'; readonly line: string }
  | { readonly type: 'fault'; readonly id: string; readonly fault: FaultRequest }
  | { readonly type: 'end-fault'; readonly id: string }
  | { readonly type: 'load'; readonly source: LoadSource };

export type Command = { readonly runId: string } & (
  | {
      readonly type: 'open';
      readonly scene: Scene;
      readonly seed: number;
      /** Replayed before the run stands at `timeUs`. */
      readonly log: readonly LogEntry[];
      readonly timeUs: number;
      readonly playing: boolean;
    }
  | { readonly type: 'act'; readonly action: Action; readonly requestId: string }
  | { readonly type: 'play' }
  | { readonly type: 'pause' }
  /** 1: real time; 0.01 to 100. */
  | { readonly type: 'speed'; readonly factor: number }
  | { readonly type: 'step'; readonly unit: 'event' | 'hop' }
  /** Backwards is replay. `fork` cuts the log off after that moment. */
  | { readonly type: 'seek'; readonly timeUs: number; readonly fork: boolean }
  | { readonly type: 'journey'; readonly requestId: number }
  | { readonly type: 'inspect'; readonly target: InspectTarget }
  | { readonly type: 'close' }
);

export type InspectTarget =
  | { readonly kind: 'proxy'; readonly pod: string }
  | { readonly kind: 'istiod' }
  | { readonly kind: 'service'; readonly id: string };

/** The fate of one document of an apply. */
export interface DocumentFate {
  readonly path: string;
  readonly index: number;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly outcome: 'created' | 'configured' | 'unchanged' | 'deleted' | 'refused';
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

export type Event = { readonly runId: string } & (
  | { readonly type: 'opened'; readonly timeUs: number; readonly protocolVersion: number }
  | { readonly type: 'frame'; readonly frame: Frame }
  | { readonly type: 'topology'; readonly topology: Topology }
  /** The answer to `act`. */
  | {
      readonly type: 'acted';
      readonly requestId: string;
      readonly timeUs: number;
      readonly documents: readonly DocumentFate[];
      readonly diagnostics: readonly TextDiagnostic[];
      /** Terminal output of `exec`. */
      readonly output: string;
      readonly failed: boolean;
    }
  /** How far the last change has got: sent on each ACK or NACK until all have answered. */
  | {
      readonly type: 'propagation';
      readonly acked: readonly string[];
      readonly nacked: readonly { readonly pod: string; readonly message: string }[];
      readonly waiting: readonly string[];
    }
  | { readonly type: 'pins'; readonly pins: readonly Pin[] }
  | { readonly type: 'journey'; readonly journey: Journey | undefined; readonly requestId: number }
  | { readonly type: 'inspection'; readonly target: InspectTarget; readonly report: Inspection }
  /** Faults and load that are in force. */
  | {
      readonly type: 'state';
      readonly playing: boolean;
      readonly speed: number;
      readonly faults: readonly {
        readonly id: string;
        readonly fault: FaultRequest;
        readonly sinceUs: number;
      }[];
      readonly load: readonly LoadSource[];
      readonly log: readonly LogEntry[];
    }
  /** Replay takes a while: how far it is, 0 to 1. */
  | { readonly type: 'progress'; readonly share: number }
  /** A bug of ours. The page offers to copy a reproduction. */
  | {
      readonly type: 'crashed';
      readonly message: string;
      readonly seed: number;
      readonly eventNumber: number;
      readonly stack: string;
    }
);

export interface Inspection {
  readonly title: string;
  /** Tables as `istioctl proxy-config` prints them: header row first. */
  readonly tables: readonly {
    readonly name: string;
    readonly rows: readonly (readonly string[])[];
  }[];
  /** Resources as JSON text. */
  readonly documents: readonly { readonly name: string; readonly json: string }[];
}
