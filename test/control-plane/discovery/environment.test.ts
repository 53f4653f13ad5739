import { describe, expect, it } from 'vitest';
import { istiodOptionsFromEnvironment } from '../../../src/control-plane/discovery/environment.ts';
import { DEFAULT_FEATURES } from '../../../src/control-plane/features.ts';
import { MS, SECOND } from '../../../src/sim/time.ts';
import { setUp } from './bench.ts';

const read = (env: Record<string, string>) =>
  istiodOptionsFromEnvironment(new Map(Object.entries(env)));

describe("istiod's environment", () => {
  it('changes nothing when it is empty', () => {
    expect(read({})).toEqual({ options: {}, features: DEFAULT_FEATURES, problems: [] });
  });

  it('sets debounce, throttle and revision', () => {
    const { options } = read({
      PILOT_DEBOUNCE_AFTER: '1.5s',
      PILOT_DEBOUNCE_MAX: '2m',
      PILOT_PUSH_THROTTLE: '3',
      REVISION: 'canary',
    });
    expect(options).toEqual({
      debounceAfterUs: 1_500 * MS,
      debounceMaxUs: 120 * SECOND,
      pushesAtOnceMax: 3,
      revision: 'canary',
    });
  });

  it('leaves the throttle to istiod when it is 0', () => {
    expect(read({ PILOT_PUSH_THROTTLE: '0' })).toMatchObject({ options: {}, problems: [] });
  });

  it('sets the features of the builders', () => {
    expect(read({ PILOT_ENABLE_IP_AUTOALLOCATE: 'false' }).features.ipAutoallocate).toBe(false);
  });

  it.each([
    ['PILOT_DEBOUNCE_AFTER', 'soon', 'a duration'],
    ['PILOT_PUSH_THROTTLE', 'many', 'an integer'],
    ['PILOT_SCOPE_GATEWAY_TO_NAMESPACE', 'maybe', 'true/false'],
  ])('keeps the default of %s for %j and complains', (name, value, what) => {
    expect(read({ [name]: value })).toEqual({
      options: {},
      features: DEFAULT_FEATURES,
      problems: [`Invalid environment variable value \`${value}\` for ${name}, expecting ${what}`],
    });
  });

  it('as the episode sets it asks for nothing but the defaults', () => {
    const episode = {
      PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION: 'true',
      PILOT_ENABLE_CROSS_CLUSTER_WORKLOAD_ENTRY: 'true',
      PILOT_SCOPE_GATEWAY_TO_NAMESPACE: 'false',
    };
    expect(read(episode).problems).toEqual([]);
    expect(read({ PILOT_SCOPE_GATEWAY_TO_NAMESPACE: 'true' }).problems).toEqual([
      'PILOT_SCOPE_GATEWAY_TO_NAMESPACE has no effect here',
    ]);
  });
});

describe('a longer debounce', () => {
  it('delays a push', () => {
    const { options } = read({ PILOT_DEBOUNCE_AFTER: '2s' });
    const { simulation, world, pushes, change } = setUp(1, options);
    world.services.set('c', 1);
    change('Service', 'c');
    simulation.runUntil(5 * SECOND);
    expect(pushes[0]).toBe('p0.shop CDS @3011');
  });
});
