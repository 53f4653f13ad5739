/** Models what the pages of the admin interface are made from, and what they give back. */
import type { Micros } from '../../sim/time.ts';
import type { Proxy, XdsType } from '../proxy.ts';
import type { AdminQuery } from './query.ts';

export interface AdminResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export type ServerState = 'LIVE' | 'PRE_INITIALIZING' | 'INITIALIZING' | 'DRAINING';

/** What a proxy does not know of itself: whoever runs it tells. */
export interface AdminFacts {
  readonly state: ServerState;
  readonly startedUs: Micros;
  /** As the proxy names itself to its control plane: core.v3.Node. */
  readonly node: object;
  /** What it was started with; {} when there was none. */
  readonly bootstrap: object;
  /** The version of a type that it accepted last; "" before the first. */
  version(type: XdsType): string;
  /** When it accepted it. */
  updatedUs(type: XdsType): Micros;
  /** The secrets that SDS sent, as they came. */
  readonly secrets: readonly object[];
}

export type AdminPage = (proxy: Proxy, query: AdminQuery, facts: AdminFacts) => AdminResponse;

const TEXT = 'text/plain; charset=UTF-8';

export function textPage(body: string, status = 200): AdminResponse {
  return { status, contentType: TEXT, body };
}

/** Members of `value` in the order of the message's field numbers: so protobuf prints them. */
export function jsonPage(value: object): AdminResponse {
  return {
    status: 200,
    contentType: 'application/json',
    body: `${JSON.stringify(value, undefined, 1)}\n`,
  };
}

/** Proto3's JSON leaves out what has its default value. */
export function withoutDefaults(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isDefault(value)));
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === '' || value === 0 || value === false;
}
