/** Models the MongoDB filter, which counts operations. Spec: istio networkfilter.go, buildMongoFilter. */
import type { Protocol } from '../../istio/protocol.ts';
import { packAny } from '../../xds/resources/any.ts';
import type { Filter } from '../../xds/resources/filter-chain.ts';

export function mongoFilters(protocol: Protocol, statPrefix: string): Filter[] {
  if (protocol !== 'Mongo') return [];
  return [
    {
      name: 'envoy.filters.network.mongo_proxy',
      typed_config: packAny('envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy', {
        stat_prefix: statPrefix,
      }),
    },
  ];
}
