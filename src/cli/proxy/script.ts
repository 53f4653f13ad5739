/** The input of `proxy`: a bootstrap and a script of upstreams and steps (format: oracle/envoy). */
import { load } from 'js-yaml';

export type HeaderList = Readonly<Record<string, string>> | readonly (readonly [string, string])[];

export interface ScriptedResponse {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: HeaderList;
  readonly delay_ms?: number;
  readonly body_delay_ms?: number;
  readonly reset?: boolean;
  readonly close?: boolean;
  readonly raw?: string;
  readonly then_close?: boolean;
  readonly truncate?: boolean;
  readonly times?: number;
}

export interface TlsMaterial {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly alpn?: readonly string[];
  readonly sni?: string;
}

export interface UpstreamSpec {
  readonly name: string;
  readonly address: string;
  readonly mode?: 'http' | 'refuse' | 'blackhole' | 'reset' | 'close' | 'hang' | 'tcp_echo';
  readonly tls?: TlsMaterial;
  readonly responses?: readonly ScriptedResponse[];
  readonly by_path?: Readonly<Record<string, readonly ScriptedResponse[]>>;
  readonly record?: 'all';
}

export interface StepSpec {
  readonly id: string;
  readonly at_ms?: number;
  readonly listener: string;
  readonly method?: string;
  readonly path?: string;
  readonly authority?: string | null;
  readonly headers?: HeaderList;
  readonly body?: string;
  readonly count?: number;
  readonly concurrency?: number;
  readonly interval_ms?: number;
  readonly raw?: string;
  readonly tcp?: { readonly send?: readonly string[]; readonly quiet_ms?: number };
  readonly tls?: TlsMaterial;
  readonly source?: string;
  readonly new_connection?: boolean;
  readonly watch_close?: boolean;
  readonly body_delay_ms?: number;
  readonly close_after_ms?: number;
  readonly observe?: { readonly stats?: readonly string[]; readonly clusters?: readonly string[] };
  readonly admin?: string;
}

export interface CompareRules {
  readonly stats?: readonly string[];
  readonly clusters?: readonly string[];
  readonly connection_log?: boolean;
}

export interface Script {
  readonly upstreams?: readonly UpstreamSpec[];
  readonly steps: readonly StepSpec[];
  readonly compare?: CompareRules;
  readonly settle_ms?: number;
}

export function parseBootstrap(text: string): object {
  const value: unknown = load(text);
  return typeof value === 'object' && value !== null ? value : {};
}

/** `{n}` is the number of the request within its step, `{pad:N}` is N letters. */
export function expand(text: string, n: number): string {
  return text
    .replaceAll('{n}', String(n))
    .replace(/\{pad:(\d+)\}/g, (_, length: string) => 'a'.repeat(Number(length)));
}

export function headerPairs(headers: HeaderList | undefined): [string, string][] {
  if (!headers) return [];
  return Array.isArray(headers)
    ? (headers as readonly (readonly [string, string])[]).map(([name, value]) => [name, value])
    : Object.entries(headers as Record<string, string>);
}

/** "127.0.0.1:10000" */
export function parseAddress(address: string): { ip: string; port: number } {
  const colon = address.lastIndexOf(':');
  return { ip: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}
