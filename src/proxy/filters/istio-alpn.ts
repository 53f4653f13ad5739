/**
 * Models istio.alpn: which ALPN the sidecar offers the next one, by the protocol of the request.
 *
 * Spec: https://github.com/istio/proxy/blob/master/source/extensions/filters/http/alpn/config.proto
 */
import type { Message } from '../config/message.ts';
import type { FilterFactory, FilterStatus, HttpFilter } from '../http/http-filter.ts';
import type { HttpStream } from '../http/stream.ts';

class IstioAlpn implements HttpFilter {
  readonly name: string;
  readonly #byProtocol = new Map<string, readonly string[]>();

  constructor(name: string, config: Message) {
    this.name = name;
    for (const override of config.messages('alpn_override'))
      this.#byProtocol.set(
        override.text('upstream_protocol') || 'HTTP10',
        override.texts('alpn_override'),
      );
  }

  /** Simplified: the downstream's version stands for the upstream's when the cluster forces another. */
  decode(stream: HttpStream): FilterStatus {
    const key =
      stream.version === 'HTTP/2' ? 'HTTP2' : stream.version === 'HTTP/1.0' ? 'HTTP10' : 'HTTP11';
    stream.alpnOverride = this.#byProtocol.get(key);
    return 'continue';
  }
}

export const istioAlpn: FilterFactory = {
  types: ['istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig'],
  create: (name, config) => new IstioAlpn(name, config),
};
