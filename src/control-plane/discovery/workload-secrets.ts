/**
 * Models the certificates of connected workloads: issued when first asked for, renewed at half of
 * their life, delivered as the secrets `default` and `ROOTCA`.
 *
 * Spec: istio security/pkg/nodeagent/cache (SECRET_GRACE_PERIOD_RATIO 0.5 ± 0.01, SECRET_TTL 24 h).
 * Simplified: Istio's agent makes the key, keeps it, and serves it to its proxy over a local socket;
 * here agent and istiod's stream are one, so a new stream means a new certificate.
 */
import type { CertificateAuthority } from '../../ca/certificate-authority.ts';
import { createSigningRequest } from '../../ca/signing-request.ts';
import { newKeyPair } from '../../ca/key-pair.ts';
import { spiffeId } from '../../ca/spiffe-id.ts';
import { NO_TIMER, type TimerHandle } from '../../sim/event-queue.ts';
import type { Simulation } from '../../sim/simulation.ts';
import { HOUR, MS, wallClockMs, type Micros } from '../../sim/time.ts';
import type { Secret } from '../../xds/resources/secret.ts';
import type { ProxyConnection } from './proxy-connection.ts';

export const WORKLOAD_SECRET = 'default';
export const ROOT_SECRET = 'ROOTCA';

const LIFETIME_US: Micros = 24 * HOUR;
const GRACE_RATIO = 0.5;
const GRACE_JITTER = 0.01;

interface Issued {
  secret: Secret;
  timer: TimerHandle;
}

export class WorkloadSecrets {
  readonly #simulation: Simulation;
  readonly #authority: CertificateAuthority;
  readonly #deliver: (connection: ProxyConnection, secret: Secret) => void;
  readonly #issued = new Map<ProxyConnection, Issued>();

  /** `deliver` sends a renewed secret to a connected proxy. */
  constructor(
    simulation: Simulation,
    authority: CertificateAuthority,
    deliver: (connection: ProxyConnection, secret: Secret) => void,
  ) {
    this.#simulation = simulation;
    this.#authority = authority;
    this.#deliver = deliver;
  }

  /** Its own secrets among `names`, and the names that are somebody else's business. */
  of(connection: ProxyConnection, names: readonly string[]): { own: Secret[]; others: string[] } {
    const own: Secret[] = [];
    const others: string[] = [];
    for (const name of names)
      if (name === WORKLOAD_SECRET) own.push(this.#certificate(connection));
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

  #certificate(connection: ProxyConnection): Secret {
    const known = this.#issued.get(connection);
    if (known) return known.secret;
    const issued: Issued = { secret: this.#issue(connection), timer: NO_TIMER };
    this.#issued.set(connection, issued);
    issued.timer = this.#renewLater(connection);
    return issued.secret;
  }

  #issue({ proxy }: ProxyConnection): Secret {
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
      LIFETIME_US / MS,
    );
    this.#simulation.assert(chain !== undefined, `the CA refused to sign for ${identity}`);
    return {
      name: WORKLOAD_SECRET,
      tls_certificate: {
        certificate_chain: { inline_string: chain },
        private_key: { inline_string: key.privateKeyPem },
      },
    };
  }

  #renewLater(connection: ProxyConnection): TimerHandle {
    const random = this.#simulation.random(`ca/rotation/${connection.proxy.id}`);
    const ratio = GRACE_RATIO + GRACE_JITTER * (2 * random.fraction() - 1);
    return this.#simulation.schedule(LIFETIME_US * (1 - ratio), this.#renew, connection, undefined);
  }

  readonly #renew = (connection: ProxyConnection): void => {
    const issued = this.#issued.get(connection);
    if (!issued || connection.stream.isClosed) return;
    issued.secret = this.#issue(connection);
    issued.timer = this.#renewLater(connection);
    this.#deliver(connection, issued.secret);
  };
}
