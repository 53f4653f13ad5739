/**
 * Models Envoy's runtime: keys that override numbers of the configuration, from static layers.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime.
 * Simplified: static layers only; nested keys are joined by dots.
 */
import { Message, fractionPerMillion } from './message.ts';

export class Runtime {
  readonly #values = new Map<string, unknown>();

  /** `layered`: the bootstrap's layered_runtime, or undefined. */
  load(layered: Message | undefined): void {
    for (const layer of layered?.messages('layers') ?? []) {
      const values = layer.message('static_layer');
      if (values) this.#merge('', values.json);
    }
  }

  set(key: string, value: unknown): void {
    this.#values.set(key, value);
  }

  number(key: string, otherwise: number): number {
    const value = Number(this.#values.get(key) ?? Number.NaN);
    return Number.isNaN(value) ? otherwise : value;
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** A RuntimeFractionalPercent: a plain number under the key counts as percent. */
  perMillion(fraction: Message | undefined, otherwise: number): number {
    if (!fraction) return otherwise;
    const key = fraction.text('runtime_key');
    const value = key ? this.#values.get(key) : undefined;
    if (typeof value === 'number') return value * 10_000;
    if (typeof value === 'object' && value !== null) return fractionPerMillion(new Message(value));
    const fallback = fraction.message('default_value');
    return fallback ? fractionPerMillion(fallback) : 0;
  }

  /** A RuntimeFeatureFlag. */
  isEnabled(flag: Message | undefined, otherwise: boolean): boolean {
    if (!flag) return otherwise;
    const value = this.#values.get(flag.text('runtime_key'));
    return typeof value === 'boolean' ? value : flag.flag('default_value');
  }

  #merge(prefix: string, values: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(values)) {
      const key = prefix ? `${prefix}.${name}` : name;
      if (typeof value === 'object' && value !== null && !('numerator' in value))
        this.#merge(key, value as Record<string, unknown>);
      else this.#values.set(key, value);
    }
  }
}
