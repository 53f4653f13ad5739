/**
 * Models istio.metadata_exchange (peer metadata): the sidecars tell each other of their workloads.
 *
 * Spec: https://github.com/istio/proxy/blob/master/source/extensions/filters/http/peer_metadata/config.proto.
 * Simplified: what x-envoy-peer-metadata carries in base64 travels as a field of the message.
 */
import type { Message } from '../config/message.ts';
import type { FilterFactory, FilterStatus, HttpFilter } from '../http/http-filter.ts';
import type { HttpStream } from '../http/stream.ts';

class IstioMetadataExchange implements HttpFilter {
  readonly name: string;
  readonly #discoversDownstream: boolean;

  constructor(name: string, config: Message) {
    this.name = name;
    this.#discoversDownstream = config.has('downstream_discovery');
  }

  decode(stream: HttpStream): FilterStatus {
    if (this.#discoversDownstream) stream.info.downstreamPeer = stream.peer;
    return 'continue';
  }
}

export const istioMetadataExchange: FilterFactory = {
  types: ['io.istio.http.peer_metadata.Config'],
  create: (name, config) => new IstioMetadataExchange(name, config),
};
