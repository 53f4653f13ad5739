/**
 * Models the secrets of one proxy by name, as SDS delivers and rotates them.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret
 * Simplified: private keys are not kept; whoever has the certificate is believed to have its key.
 */
import { dataSourceText } from '../config/data-source.ts';
import { Message } from '../config/message.ts';
import { text, type Json } from '../upstream/proto-json.ts';

export interface Secret {
  /** PEM, leaf first; "" for a secret of another kind. */
  readonly certificateChain: string;
  /** The validation context as received; undefined for a secret of another kind. */
  readonly validationContext: Message | undefined;
}

export class Secrets {
  readonly #byName = new Map<string, Secret>();
  /** Names that contexts refer to, with how often. */
  readonly #wanted = new Map<string, number>();
  readonly #onNamesChanged: (() => void) | undefined;
  /** Counts updates: what was derived from secrets of another version is stale. */
  version = 0;

  /** `onNamesChanged` is called when SDS should be asked for other names. */
  constructor(onNamesChanged?: () => void) {
    this.#onNamesChanged = onNamesChanged;
  }

  /** SDS: those named are replaced, others stay. The error when the update is refused. */
  setSecrets(secrets: readonly object[]): string | undefined {
    const read = new Map<string, Secret>();
    for (const secret of secrets as readonly Json[]) {
      const message = new Message(secret);
      const certificate = message.message('tls_certificate');
      const validationContext = message.message('validation_context');
      if (!certificate && !validationContext && !message.has('generic_secret'))
        return `Secret '${text(secret['name'])}' has no certificate and no validation context`;
      read.set(text(secret['name']), {
        certificateChain: dataSourceText(certificate?.message('certificate_chain')),
        validationContext,
      });
    }
    for (const [name, secret] of read) this.#byName.set(name, secret);
    this.version += 1;
    return undefined;
  }

  get(name: string): Secret | undefined {
    return this.#byName.get(name);
  }

  /** Some context refers to this secret from now on. */
  want(name: string): void {
    const count = this.#wanted.get(name) ?? 0;
    this.#wanted.set(name, count + 1);
    if (count === 0) this.#onNamesChanged?.();
  }

  /** A context that referred to it is gone. */
  unwant(name: string): void {
    const count = this.#wanted.get(name) ?? 0;
    if (count > 1) this.#wanted.set(name, count - 1);
    else if (this.#wanted.delete(name)) this.#onNamesChanged?.();
  }

  /** The names that SDS should be asked for, sorted. */
  names(): string[] {
    return [...this.#wanted.keys()].sort();
  }
}
