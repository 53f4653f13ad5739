/**
 * Models an HTTP filter: compiled once for a listener, without state of its own; what it remembers
 * of a stream it keeps with the stream.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/http_filters
 */
import type { Message } from '../config/message.ts';
import type { ProxyContext } from '../context.ts';
import type { HttpStream } from './stream.ts';

/**
 * `continue`: on to the next filter. `stop`: the filter has answered, or will call
 * `continueDecoding`. `buffer`: it wants the body; `decode` is called again when more has come.
 */
export type FilterStatus = 'continue' | 'stop' | 'buffer';

export interface HttpFilter {
  /** Its name in the connection manager's list: what typed_per_filter_config refers to. */
  readonly name: string;
  /** The request's headers (and body so far) are there. */
  decode?(stream: HttpStream): FilterStatus;
  /** The response's headers are there and may be changed. */
  encode?(stream: HttpStream): void;
  /** The stream is over, however it ended. */
  complete?(stream: HttpStream): void;
}

export interface FilterFactory {
  /** Message names that make this filter. */
  readonly types: readonly string[];
  readonly isTerminal?: boolean;
  /** Compiles a listener's configuration; throws ConfigError. */
  create(name: string, config: Message, context: FilterContext): HttpFilter;
  /** Compiles a route's configuration; without it routes may only disable the filter. */
  compileRoute?(config: Message, context: FilterContext): object;
  /** Message names of route configuration, where they differ from `types`. */
  readonly routeTypes?: readonly string[];
}

export interface FilterContext {
  readonly proxy: ProxyContext;
  /** "http.<stat prefix>." */
  readonly statPrefix: string;
}
