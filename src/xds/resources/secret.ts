/** Models secrets: what SDS carries. Spec: envoy extensions/transport_sockets/tls/v3/secret.proto, common.proto. */
import type { DataSource } from './data-source.ts';
import type { ConfigSource } from './config-source.ts';
import type { StringMatcher } from './string-matcher.ts';

export interface TlsCertificate {
  /** PEM, leaf first. */
  certificate_chain?: DataSource;
  private_key?: DataSource;
  password?: DataSource;
}

export type SubjectAltNameType = 'EMAIL' | 'DNS' | 'URI' | 'IP_ADDRESS' | 'OTHER_NAME';

export interface SubjectAltNameMatcher {
  san_type: SubjectAltNameType;
  matcher: StringMatcher;
  oid?: string;
}

export interface CertificateValidationContext {
  trusted_ca?: DataSource;
  verify_certificate_spki?: string[];
  verify_certificate_hash?: string[];
  match_typed_subject_alt_names?: SubjectAltNameMatcher[];
  /** Deprecated form, matched against every kind of name; istiod still sends it. */
  match_subject_alt_names?: StringMatcher[];
  crl?: DataSource;
  allow_expired_certificate?: boolean;
  trust_chain_verification?: 'VERIFY_TRUST_CHAIN' | 'ACCEPT_UNTRUSTED';
}

export interface Secret {
  name: string;
  tls_certificate?: TlsCertificate;
  validation_context?: CertificateValidationContext;
  generic_secret?: { secret?: DataSource };
}

export interface SdsSecretConfig {
  name: string;
  sds_config?: ConfigSource;
}
