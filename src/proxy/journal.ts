/**
 * Models the answer to "why did this request go there?": each decision a proxy took for one
 * request, as data. The page and the command line make sentences of it.
 *
 * A journal is kept only for requests somebody may ask about; the hot path tests for `undefined`.
 * Keeping one changes nothing that happens.
 */
import type { Micros } from '../sim/time.ts';

/** What kind of decision; the page has a sentence in two languages for each. */
export type JournalStepCode =
  | 'connection-accepted'
  | 'listener-matched'
  | 'listener-not-found'
  | 'filter-chain-matched'
  | 'filter-chain-not-found'
  | 'tls-handshake'
  | 'tls-failed'
  | 'http-filter'
  | 'virtual-host-matched'
  | 'virtual-host-not-found'
  | 'route-not-matched'
  | 'route-matched'
  | 'route-not-found'
  | 'direct-response'
  | 'redirect'
  | 'cluster-chosen'
  | 'cluster-not-found'
  | 'host-chosen'
  | 'no-healthy-upstream'
  | 'overflow'
  | 'queued'
  | 'connection-opened'
  | 'connection-reused'
  | 'connection-failed'
  | 'attempt-started'
  | 'attempt-failed'
  | 'retry-scheduled'
  | 'retry-refused'
  | 'timeout'
  | 'response'
  | 'local-reply'
  | 'tcp-proxied'
  /** What applications do in between; noted by the mesh. */
  | 'app-received'
  | 'app-called'
  | 'app-answered';

export interface JournalStep {
  readonly time: Micros;
  /** The proxy's node: "POD.NS". */
  readonly node: string;
  readonly code: JournalStepCode;
  /** The Envoy resource that decided: its type and name ("cluster", "outbound|80||b…"). */
  readonly resource?: { readonly type: string; readonly name: string } | undefined;
  /** The xDS object itself (a route, a filter chain), by identity: the control plane knows its YAML. */
  readonly origin?: object | undefined;
  /** What the sentence needs: names and numbers, never prose. */
  readonly details: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

export interface Journal {
  note(step: JournalStep): void;
}
