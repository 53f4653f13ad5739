/**
 * Models CommonTlsContext: certificates to show, peers to accept, protocols and versions to offer.
 * Secrets are looked up when they are needed, so a rotation takes effect with the next handshake.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/tls.proto#extensions-transport-sockets-tls-v3-commontlscontext
 */
import { dataSourceText } from '../config/data-source.ts';
import type { Message } from '../config/message.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { Micros } from '../../sim/time.ts';
import type { StatsStore } from '../stats.ts';
import type { TlsVersion } from '../wire.ts';
import { PeerValidation } from './peer-validation.ts';
import type { Secrets } from './secrets.ts';

/** What TLS contexts need of the proxy they belong to. */
export interface TlsSurroundings {
  readonly simulation: Simulation;
  readonly stats: StatsStore;
  readonly secrets: Secrets;
}

/**
 * What a handshake costs each side in CPU: a signature and the verification of the other's chain,
 * with RSA 2048 as istiod issues it; and what a resumed one costs, where neither is done.
 */
export const FULL_HANDSHAKE_US: Micros = 900;
export const RESUMED_HANDSHAKE_US: Micros = 60;

/** Bytes on the wire beside certificates: extensions, key shares, signatures, record headers. */
export const HELLO_BYTES = 517;
export const FINISHED_BYTES = 350;
export const ALERT_BYTES = 24;

/** Keys and materials of this moment. */
interface Materials {
  /** PEM chains; empty when there is no certificate to show. */
  readonly certificates: readonly string[];
  readonly validation: PeerValidation;
}

export class TlsContext {
  readonly alpn: readonly string[];
  readonly versionMin: TlsVersion;
  readonly versionMax: TlsVersion;
  readonly surroundings: TlsSurroundings;
  readonly #common: Message;
  readonly #secretNames: readonly string[];
  #materials: Materials | undefined;
  #version = -1;

  constructor(common: Message, surroundings: TlsSurroundings, defaultMax: TlsVersion) {
    this.#common = common;
    this.surroundings = surroundings;
    this.alpn = common.texts('alpn_protocols');
    const params = common.messageOrEmpty('tls_params');
    this.versionMin = versionOf(params.text('tls_minimum_protocol_version')) ?? 'TLSv1.2';
    this.versionMax = versionOf(params.text('tls_maximum_protocol_version')) ?? defaultMax;
    this.#secretNames = secretNames(common);
    for (const name of this.#secretNames) surroundings.secrets.want(name);
  }

  /** Are all secrets there? Until then no handshake is possible. */
  get isReady(): boolean {
    return this.#secretNames.every((name) => this.surroundings.secrets.get(name) !== undefined);
  }

  /** Changes whenever a handshake must not build upon an earlier one. */
  get secretsVersion(): number {
    return this.surroundings.secrets.version;
  }

  get materials(): Materials {
    const { version } = this.surroundings.secrets;
    if (!this.#materials || this.#version !== version) {
      this.#version = version;
      this.#materials = this.#read();
    }
    return this.#materials;
  }

  /** The context goes away. */
  close(): void {
    for (const name of this.#secretNames) this.surroundings.secrets.unwant(name);
  }

  #read(): Materials {
    const common = this.#common;
    const { secrets } = this.surroundings;
    const inline = common
      .messages('tls_certificates')
      .map((certificate) => dataSourceText(certificate.message('certificate_chain')));
    const delivered = common
      .messages('tls_certificate_sds_secret_configs')
      .map((config) => secrets.get(config.text('name'))?.certificateChain ?? '');
    return {
      certificates: [...inline, ...delivered].filter((chain) => chain !== ''),
      validation: new PeerValidation(validationContexts(common, secrets)),
    };
  }
}

function validationContexts(common: Message, secrets: Secrets): Message[] {
  const combined = common.message('combined_validation_context');
  const secretName = (message: Message | undefined) =>
    message?.message('validation_context_sds_secret_config')?.text('name');
  const name = secretName(common) ?? secretName(combined);
  return [
    common.message('validation_context'),
    combined?.message('default_validation_context'),
    name === undefined ? undefined : secrets.get(name)?.validationContext,
  ].filter((context) => context !== undefined);
}

function secretNames(common: Message): string[] {
  const configs = [
    ...common.messages('tls_certificate_sds_secret_configs'),
    common.message('validation_context_sds_secret_config'),
    common.message('combined_validation_context')?.message('validation_context_sds_secret_config'),
  ];
  return configs.flatMap((config) => (config ? [config.text('name')] : []));
}

const VERSIONS: Readonly<Record<string, TlsVersion>> = {
  TLSv1_0: 'TLSv1.0',
  TLSv1_1: 'TLSv1.1',
  TLSv1_2: 'TLSv1.2',
  TLSv1_3: 'TLSv1.3',
};

function versionOf(name: string): TlsVersion | undefined {
  return VERSIONS[name];
}

/** The newest version that both sides speak; undefined when there is none. */
export function negotiateVersion(
  one: { readonly versionMin: TlsVersion; readonly versionMax: TlsVersion },
  other: { readonly versionMin: TlsVersion; readonly versionMax: TlsVersion },
): TlsVersion | undefined {
  const newest = one.versionMax < other.versionMax ? one.versionMax : other.versionMax;
  const oldest = one.versionMin > other.versionMin ? one.versionMin : other.versionMin;
  return newest >= oldest ? newest : undefined;
}
