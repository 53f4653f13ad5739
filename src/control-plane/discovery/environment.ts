/**
 * Models the environment of the istiod process: how variables become options.
 *
 * Spec: istio pilot/pkg/features, pkg/env (a value that cannot be read leaves the default and is
 * complained of). Simplified: the variables that something here asks for; three others, which the
 * documentation of gateways and virtual machines leads to, are answered with a problem when they ask
 * for more than their default.
 */
import { durationNanoseconds } from '../../istio/kinds/duration.ts';
import type { Micros } from '../../sim/time.ts';
import { featuresFrom, type Features } from '../features.ts';
import type { IstiodOptions } from './istiod.ts';

export interface IstiodEnvironment {
  /** Only what the environment says. */
  readonly options: Partial<IstiodOptions>;
  readonly features: Features;
  /** What istiod would log on its way up. */
  readonly problems: readonly string[];
}

/** Variables that change nothing here, with the value that asks for nothing. */
const WITHOUT_EFFECT: ReadonlyMap<string, boolean> = new Map([
  ['PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION', true],
  ['PILOT_ENABLE_CROSS_CLUSTER_WORKLOAD_ENTRY', true],
  ['PILOT_SCOPE_GATEWAY_TO_NAMESPACE', false],
]);

export function istiodOptionsFromEnvironment(env: ReadonlyMap<string, string>): IstiodEnvironment {
  const problems: string[] = [];
  const reader = new VariableReader(env, problems);
  const options: Partial<IstiodOptions> = {
    ...given('debounceAfterUs', reader.duration('PILOT_DEBOUNCE_AFTER')),
    ...given('debounceMaxUs', reader.duration('PILOT_DEBOUNCE_MAX')),
    ...given('pushesAtOnceMax', reader.count('PILOT_PUSH_THROTTLE')),
    ...given('certificateLifetimeUs', reader.duration('DEFAULT_WORKLOAD_CERT_TTL')),
    ...given('revision', env.get('REVISION') || undefined),
  };
  for (const [name, idle] of WITHOUT_EFFECT) {
    const value = reader.flag(name);
    if (value !== undefined && value !== idle) problems.push(`${name} has no effect here`);
  }
  return { options, features: featuresFrom(Object.fromEntries(env)), problems };
}

class VariableReader {
  readonly #env: ReadonlyMap<string, string>;
  readonly #problems: string[];

  constructor(env: ReadonlyMap<string, string>, problems: string[]) {
    this.#env = env;
    this.#problems = problems;
  }

  duration(name: string): Micros | undefined {
    return this.#read(name, 'a duration', (text) => {
      const nanoseconds = durationNanoseconds(text);
      return nanoseconds === undefined ? undefined : Math.floor(nanoseconds / 1000);
    });
  }

  /** 0 means that istiod decides itself. */
  count(name: string): number | undefined {
    const count = this.#read(name, 'an integer', (text) =>
      /^[+-]?\d+$/.test(text) ? Number(text) : undefined,
    );
    return count !== undefined && count > 0 ? count : undefined;
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, 'true/false', (text) => BOOLEANS.get(text));
  }

  #read<T>(name: string, what: string, parse: (text: string) => T | undefined): T | undefined {
    const text = this.#env.get(name);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === undefined)
      this.#problems.push(
        `Invalid environment variable value \`${text}\` for ${name}, expecting ${what}`,
      );
    return value;
  }
}

/** As Go's strconv.ParseBool reads them. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

function given<K extends keyof IstiodOptions>(
  key: K,
  value: IstiodOptions[K] | undefined,
): Partial<IstiodOptions> {
  return value === undefined ? {} : { [key]: value };
}
