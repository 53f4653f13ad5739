/**
 * Models what BoringSSL, through Envoy, says when TLS fails, on the side that refuses and on the side
 * that gets the alert.
 *
 * Spec: RFC 8446 section 6; https://boringssl.googlesource.com/boringssl/+/HEAD/include/openssl/ssl.h (SSL_R_*)
 */

/** Library number of SSL in BoringSSL's packed error codes. */
const SSL_LIBRARY = 16 * 0x1000000;
/** A received alert n is reason 1000 + n. */
const ALERT_REASONS = 1000;

/** The failures of this side. */
const REASONS = {
  CERTIFICATE_VERIFY_FAILED: 125,
  HTTP_REQUEST: 156,
  PEER_DID_NOT_RETURN_A_CERTIFICATE: 192,
  UNSUPPORTED_PROTOCOL: 240,
  WRONG_VERSION_NUMBER: 247,
} as const;

export type TlsReason = keyof typeof REASONS;

/** Alerts by their RFC name: number, and BoringSSL's name for having received one. */
const ALERTS: Readonly<Record<string, readonly [number, string]>> = {
  handshake_failure: [40, 'SSLV3_ALERT_HANDSHAKE_FAILURE'],
  bad_certificate: [42, 'SSLV3_ALERT_BAD_CERTIFICATE'],
  certificate_expired: [45, 'SSLV3_ALERT_CERTIFICATE_EXPIRED'],
  certificate_unknown: [46, 'SSLV3_ALERT_CERTIFICATE_UNKNOWN'],
  unknown_ca: [48, 'TLSV1_ALERT_UNKNOWN_CA'],
  decrypt_error: [51, 'TLSV1_ALERT_DECRYPT_ERROR'],
  protocol_version: [70, 'TLSV1_ALERT_PROTOCOL_VERSION'],
  internal_error: [80, 'TLSV1_ALERT_INTERNAL_ERROR'],
  unrecognized_name: [112, 'TLSV1_ALERT_UNRECOGNIZED_NAME'],
  certificate_required: [116, 'TLSV1_ALERT_CERTIFICATE_REQUIRED'],
  no_application_protocol: [120, 'TLSV1_ALERT_NO_APPLICATION_PROTOCOL'],
};

/** The words for a failure that this side found, with what Envoy adds about the certificate. */
export function tlsFailure(reason: TlsReason, details = ''): string {
  return words(SSL_LIBRARY + REASONS[reason], details === '' ? reason : `${reason}:${details}`);
}

/** The words for an alert that the other side sent. */
export function alertFailure(alert: string): string {
  const [number, name] = ALERTS[alert] ?? [80, 'TLSV1_ALERT_INTERNAL_ERROR'];
  return words(SSL_LIBRARY + ALERT_REASONS + number, name);
}

/** The words of the TLS inspector, which prints an error in a form of its own. */
export function inspectorFailure(reason: TlsReason): string {
  const code = (SSL_LIBRARY + REASONS[reason]).toString(16);
  return `TLS_error|error:${code}:SSL routines:OPENSSL_internal:${reason}:TLS_error_end`;
}

export const SECRET_MISSING = 'TLS error: Secret is not supplied by SDS';

function words(code: number, reason: string): string {
  return `TLS_error:|${code}:SSL routines:OPENSSL_internal:${reason}:TLS_error_end`;
}
