/** What happened since the last frame: numbers only, in transferable arrays. */

/** Fields of one move in `Frame.moves`; MOVE_FIELDS of them stand in a row. */
export const MOVE = {
  /** Request number (dots with the same number are one request); negative for a config push. */
  request: 0,
  /** Point indexes, see Topology.points. */
  from: 1,
  to: 2,
  departUs: 3,
  arriveUs: 4,
  /** One of MOVE_KIND. */
  kind: 5,
  /** HTTP status on responses; on requests 0. Without an answer: -1. */
  status: 6,
  /** Bit 1: mTLS. Bit 2: a retry. Bit 4: the request ends here. */
  marks: 7,
} as const;
export const MOVE_FIELDS = 8;
export const MOVE_KIND = { request: 0, response: 1, push: 2, ack: 3, nack: 4 } as const;
export const MOVE_MARK = { mtls: 1, retry: 2, last: 4 } as const;

/** Numbers of one second of virtual time, of the whole mesh or of one edge. */
export interface Rates {
  readonly requestsPerSecond: number;
  /** 0 to 1; 1 when there was no request. */
  readonly success: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Requests by response flags of the window: {"-": 120, "UO": 3}. */
  readonly byFlag: Readonly<Record<string, number>>;
}

export interface EdgeRates extends Rates {
  /** "WORKLOAD.NS" or "external". */
  readonly from: string;
  readonly to: string;
  readonly mtls: boolean;
}

export interface Frame {
  readonly timeUs: number;
  /** Virtual time of the frame before: moves of (previousUs, timeUs] are in this one. */
  readonly previousUs: number;
  readonly moves: Float64Array;
  /** 1: every move is drawn; 10: every tenth request's. */
  readonly sampling: number;
  readonly inFlight: number;
  readonly total: Rates;
  /** Over the last five virtual seconds; sent a few times a virtual second, otherwise absent. */
  readonly edges?: readonly EdgeRates[];
}

/** Something worth a pin on the time strip. */
export interface Pin {
  readonly timeUs: number;
  readonly kind:
    | 'apply'
    | 'push'
    | 'nack'
    | 'ejected'
    | 'unejected'
    | 'fault'
    | 'fault-ended'
    | 'pod'
    | 'exec'
    | 'alarm';
  /** Names and numbers for the page's sentence. */
  readonly details: Readonly<Record<string, string | number>>;
}
