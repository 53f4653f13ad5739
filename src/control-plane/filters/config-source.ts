/** Models where proxies fetch things: configuration over ADS, certificates from their own agent. */
import type { ConfigSource } from '../../xds/resources/config-source.ts';
import type { SdsSecretConfig } from '../../xds/resources/secret.ts';
import { without } from '../without.ts';

const ADS: ConfigSource = { ads: {}, initial_fetch_timeout: '0s', resource_api_version: 'V3' };

export function adsConfigSource(): ConfigSource {
  return ADS;
}

const AGENT: ConfigSource = {
  api_config_source: {
    api_type: 'GRPC',
    grpc_services: [{ envoy_grpc: { cluster_name: 'sds-grpc' } }],
    set_node_on_first_message_only: true,
    transport_api_version: 'V3',
  },
  initial_fetch_timeout: '0s',
  resource_api_version: 'V3',
};

const FILES = without(AGENT, 'initial_fetch_timeout');

/** "file-cert:…", "file-root:…": files that the agent reads. */
export function fileSecret(name: string): SdsSecretConfig {
  return { name, sds_config: FILES };
}

/** "default" (the workload's certificate) or "ROOTCA". */
export function agentSecret(name: string): SdsSecretConfig {
  return { name, sds_config: AGENT };
}

/** A credential that istiod itself hands to a gateway ("kubernetes://name"). */
export function istiodSecret(name: string): SdsSecretConfig {
  return { name, sds_config: { ads: {}, resource_api_version: 'V3' } };
}
