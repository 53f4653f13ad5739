/**
 * Models the buffer filter: the whole request is here before it goes on, or it is too large.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/buffer_filter
 */
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type { FilterFactory, FilterStatus, HttpFilter } from '../http/http-filter.ts';
import type { HttpStream } from '../http/stream.ts';

interface BufferRoute {
  readonly disabled: boolean;
  readonly bytesMax: number;
}

class Buffer implements HttpFilter {
  readonly name: string;
  readonly #bytesMax: number;

  constructor(name: string, config: Message) {
    this.name = name;
    this.#bytesMax = bytesMaxOf(config);
  }

  decode(stream: HttpStream): FilterStatus {
    const route = stream.routeConfig(this.name) as BufferRoute | undefined;
    if (route?.disabled) return 'continue';
    const bytesMax = route?.bytesMax ?? this.#bytesMax;
    if (stream.body.length > bytesMax) {
      stream.manager.stats.rqTooLarge.inc();
      stream.connection.closeAfterResponse();
      stream.sendLocalReply({
        status: 413,
        body: 'Payload Too Large',
        details: 'request_payload_too_large',
      });
      return 'stop';
    }
    if (!stream.requestEnded) return 'buffer';
    // The length is known now, whatever the client said.
    if (stream.body !== '') stream.headers.set('content-length', String(stream.body.length));
    return 'continue';
  }
}

function bytesMaxOf(config: Message): number {
  const bytesMax = config.number('max_request_bytes') ?? 0;
  if (bytesMax <= 0)
    throw new ConfigError(
      'Proto constraint validation failed (BufferValidationError.MaxRequestBytes: value must be greater than 0)',
    );
  return bytesMax;
}

export const buffer: FilterFactory = {
  types: ['envoy.extensions.filters.http.buffer.v3.Buffer'],
  routeTypes: ['envoy.extensions.filters.http.buffer.v3.BufferPerRoute'],
  create: (name, config) => new Buffer(name, config),
  compileRoute: (config): BufferRoute => {
    const own = config.message('buffer');
    return { disabled: config.flag('disabled'), bytesMax: own ? bytesMaxOf(own) : Infinity };
  },
};
