/**
 * Models the certificates of connected workloads: issued when first asked for, renewed at half of
 * their life, delivered as the secrets `default` and `ROOTCA`. While nobody signs, a proxy keeps what
 * it has, until that expires, and is tried again and again.
 *
 * Spec: istio security/pkg/nodeagent/cache (SECRET_GRACE_PERIOD_RATIO 0.5 ± 0.01, SECRET_TTL 24 h);
 * after a failure Envoy asks its agent again as any xDS server, 500 ms to 30 s later, jittered.
 * Simplified: Istio's agent makes the key, keeps it, and serves it to its proxy over a local socket;
 * here agent and istiod's stream are one, so a new stream means a new certificate.
 */
import type { CertificateAuthority } from '../../ca/certificate-authority.ts';
import { createSigningRequest } from '../../ca/signing-request.ts';
import { newKeyPair } from '../../ca/key-pair.ts';
import { spiffeId } from '../../ca/spiffe-id.ts';
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { HOUR, MS, SECOND, wallClockMs, type Micros } from '../../sim/time.ts';
import type { Secret } from '../../xds/resources/secret.ts';
import type { ProxyConnection } from './proxy-connection.ts';

export const WORKLOAD_SECRET = 'default';
export const ROOT_SECRET = 'ROOTCA';

export const WORKLOAD_LIFETIME_US: Micros = 24 * HOUR;
const GRACE_RATIO = 0.5;
const GRACE_JITTER = 0.01;
const RETRY_BASE_US: Micros = 500 * MS;
const RETRY_MAX_US: Micros = 30 * SECOND;

interface Issued {
  /** Undefined before anybody signed. */
  secret: Secret | undefined;
  timer: TimerHandle;
  /** Requests in a row that nobody signed. */
  failures: number;
}

export class WorkloadSecrets {
  readonly #simulation: Simulation;
  readonly #authority: CertificateAuthority;
  readonly #deliver: (connection: ProxyConnection, secret: Secret) => void;
  readonly #lifetimeUs: Micros;
  readonly #issued = new Map<ProxyConnection, Issued>();

  /** `deliver` sends a renewed or belated secret to a connected proxy. */
  constructor(
    simulation: Simulation,
    authority: CertificateAuthority,
    deliver: (connection: ProxyConnection, secret: Secret) => void,
    lifetimeUs: Micros = WORKLOAD_LIFETIME_US,
  ) {
    this.#simulation = simulation;
    this.#authority = authority;
    this.#deliver = deliver;
    this.#lifetimeUs = lifetimeUs;
  }

  /** Its own secrets among `names`, and the names that are somebody else's business. */
  of(connection: ProxyConnection, names: readonly string[]): { own: Secret[]; others: string[] } {
    const own: Secret[] = [];
    const others: string[] = [];
    for (const name of names)
      if (name === WORKLOAD_SECRET) own.push(...this.#certificate(connection));
      else if (name === ROOT_SECRET) own.push(this.#root());
      else others.push(name);
    return { own, others };
  }

  forget(connection: ProxyConnection): void {
    const issued = this.#issued.get(connection);
    if (!issued) return;
    this.#simulation.cancel(issued.timer);
    this.#issued.delete(connection);
  }

  #root(): Secret {
    return {
      name: ROOT_SECRET,
      validation_context: { trusted_ca: { inline_string: this.#authority.rootPem } },
    };
  }

  /** None while nobody signs. */
  #certificate(connection: ProxyConnection): Secret[] {
    let issued = this.#issued.get(connection);
    if (!issued) {
      issued = { secret: undefined, timer: NO_TIMER, failures: 0 };
      this.#issued.set(connection, issued);
      this.#request(connection, issued);
    }
    return issued.secret ? [issued.secret] : [];
  }

  /** Has a certificate signed, and plans the next time. True when it was signed. */
  #request(connection: ProxyConnection, issued: Issued): boolean {
    const secret = this.#issue(connection);
    issued.failures = secret ? 0 : issued.failures + 1;
    if (secret) issued.secret = secret;
    const delayUs = secret
      ? this.#renewalDelayUs(connection)
      : this.#retryDelayUs(connection, issued.failures);
    issued.timer = this.#simulation.schedule(delayUs, this.#renew, connection, undefined);
    return secret !== undefined;
  }

  #issue({ proxy }: ProxyConnection): Secret | undefined {
    const identity = spiffeId({
      trustDomain: this.#authority.trustDomain,
      namespace: proxy.namespace,
      serviceAccount: proxy.serviceAccount,
    });
    const key = newKeyPair(this.#simulation.random(`ca/key/${proxy.id}`));
    const chain = this.#authority.sign(
      createSigningRequest(key, identity),
      identity,
      wallClockMs(this.#simulation.now),
      this.#lifetimeUs / MS,
      proxy.id,
    );
    if (chain === undefined) return undefined;
    return {
      name: WORKLOAD_SECRET,
      tls_certificate: {
        certificate_chain: { inline_string: chain },
        private_key: { inline_string: key.privateKeyPem },
      },
    };
  }

  #renewalDelayUs({ proxy }: ProxyConnection): Micros {
    const random = this.#simulation.random(`ca/rotation/${proxy.id}`);
    const ratio = GRACE_RATIO + GRACE_JITTER * (2 * random.fraction() - 1);
    return this.#lifetimeUs * (1 - ratio);
  }

  #retryDelayUs({ proxy }: ProxyConnection, failures: number): Micros {
    const ceilingUs = Math.min(RETRY_BASE_US * (1 << Math.min(failures - 1, 16)), RETRY_MAX_US);
    // Never at once: a signer that is down would be asked for ever at the same instant.
    return 1 * MS + this.#simulation.random(`ca/retry/${proxy.id}`).below(ceilingUs);
  }

  readonly #renew = (connection: ProxyConnection): void => {
    const issued = this.#issued.get(connection);
    if (!issued || connection.stream.isClosed) return;
    if (this.#request(connection, issued)) this.#deliver(connection, issued.secret!);
  };
}
