/**
 * Models a cluster while it is being made: its HTTP options are packed at the end.
 *
 * Spec: istio pilot/pkg/networking/core/cluster_builder.go, clusterWrapper.
 */
import { packAny } from '../../xds/resources/any.ts';
import type { Cluster } from '../../xds/resources/cluster.ts';
import type { HttpProtocolOptions } from '../../xds/resources/protocol-options.ts';

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

export class ClusterDraft {
  readonly cluster: Cluster;
  #options: HttpProtocolOptions | undefined;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  httpOptions(): HttpProtocolOptions {
    return (this.#options ??= {});
  }

  get isHttp2(): boolean {
    return this.#options?.explicit_http_config?.http2_protocol_options !== undefined;
  }

  useHttp2(): void {
    const options = this.httpOptions();
    if (options.explicit_http_config || options.use_downstream_protocol_config) return;
    options.explicit_http_config = { http2_protocol_options: {} };
  }

  useDownstreamProtocol(): void {
    const options = this.httpOptions();
    const http1 = options.explicit_http_config?.http_protocol_options ?? {};
    delete options.explicit_http_config;
    options.use_downstream_protocol_config = {
      http_protocol_options: http1,
      http2_protocol_options: {},
    };
  }

  build(): Cluster {
    const options = this.#options;
    if (!options) return this.cluster;
    if (!options.explicit_http_config && !options.use_downstream_protocol_config)
      options.explicit_http_config = { http_protocol_options: {} };
    this.cluster.typed_extension_protocol_options = {
      [HTTP_OPTIONS]: packAny(HTTP_OPTIONS, options),
    };
    return this.cluster;
  }
}
