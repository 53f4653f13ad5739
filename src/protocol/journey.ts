/** The journey of one request: every decision, in order, with the YAML behind it. */

/** A place in the editor. Lines and columns from 1. */
export interface YamlPlace {
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface JourneyStep {
  readonly timeUs: number;
  /** Where: "POD.NS" of the proxy or application; "external". */
  readonly at: string;
  /** A JournalStepCode, or one of the application's: "app-received", "app-called", "app-answered". */
  readonly code: string;
  readonly resource?: { readonly type: string; readonly name: string };
  readonly yaml?: YamlPlace;
  readonly details: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

export interface Journey {
  readonly requestId: number;
  readonly from: string;
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly startUs: number;
  /** Undefined while it is still under way. */
  readonly endUs?: number;
  /** 0: no HTTP answer (connection reset, refused). */
  readonly status?: number;
  readonly flags: readonly string[];
  readonly responseDetails: string;
  readonly body: string;
  readonly steps: readonly JourneyStep[];
  /** Access log lines, one a proxy, in order of time. */
  readonly accessLog: readonly { readonly pod: string; readonly line: string }[];
}
