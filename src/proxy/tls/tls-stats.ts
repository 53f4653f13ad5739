/**
 * Models the `ssl.*` statistics of a listener or a cluster.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/stats#tls-statistics
 * Simplified: ciphers, curves and signature algorithms are not counted.
 */
import type { Counter, StatsStore } from '../stats.ts';
import type { TlsVersion } from '../wire.ts';

export class TlsStats {
  readonly handshake: Counter;
  readonly connectionError: Counter;
  readonly sessionReused: Counter;
  readonly noCertificate: Counter;
  readonly failVerifyNoCert: Counter;
  readonly failVerifyError: Counter;
  readonly failVerifySan: Counter;
  readonly failVerifyCertHash: Counter;
  readonly #store: StatsStore;
  readonly #prefix: string;

  /** `prefix`: "listener.127.0.0.1_10443." or "cluster.NAME.". */
  constructor(prefix: string, store: StatsStore) {
    const counter = (name: string) => store.counter(`${prefix}ssl.${name}`);
    this.#store = store;
    this.#prefix = prefix;
    this.handshake = counter('handshake');
    this.connectionError = counter('connection_error');
    this.sessionReused = counter('session_reused');
    this.noCertificate = counter('no_certificate');
    this.failVerifyNoCert = counter('fail_verify_no_cert');
    this.failVerifyError = counter('fail_verify_error');
    this.failVerifySan = counter('fail_verify_san');
    this.failVerifyCertHash = counter('fail_verify_cert_hash');
  }

  countHandshake(version: TlsVersion, isReused: boolean): void {
    this.handshake.inc();
    if (isReused) this.sessionReused.inc();
    this.#store.counter(`${this.#prefix}ssl.versions.${version}`).inc();
  }
}
