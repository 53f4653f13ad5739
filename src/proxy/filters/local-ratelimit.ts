/**
 * Models local rate limits: token buckets inside the proxy, for everything or by descriptor.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter
 */
import type { Micros } from '../../sim/time.ts';
import { HOUR, MS, SECOND } from '../../sim/time.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Message } from '../config/message.ts';
import type {
  FilterContext,
  FilterFactory,
  FilterStatus,
  HttpFilter,
} from '../http/http-filter.ts';
import { statusCode } from '../http/connection-manager-config.ts';
import type { HttpStream } from '../http/stream.ts';
import { compileDescriptors, type DescriptorEntry } from '../router/rate-limit-actions.ts';
import { compileHeaderToAdd, HeaderMutations } from '../router/header-mutation.ts';
import type { Counter } from '../stats.ts';

const FILL_INTERVAL_US_MIN: Micros = 50 * MS;
/** However slowly it is to fill: a token a year. */
const TOKENS_PER_US_MIN = 1 / (365 * 24 * HOUR);

/** Full at first; filled continuously, not in steps. */
export class TokenBucket {
  readonly max: number;
  readonly tokensPerUs: number;
  #tokens: number;
  #filledAt: Micros;

  constructor(max: number, perFill: number, intervalUs: Micros, now: Micros) {
    this.max = max;
    this.tokensPerUs = Math.max(perFill / intervalUs, TOKENS_PER_US_MIN);
    this.#tokens = max;
    this.#filledAt = now;
  }

  tokens(now: Micros): number {
    const filled = this.#tokens + (now - this.#filledAt) * this.tokensPerUs;
    this.#tokens = Math.min(this.max, filled);
    this.#filledAt = now;
    return this.#tokens;
  }

  take(now: Micros): boolean {
    return this.consume(1, false, now) === 1;
  }

  /** Takes `wanted` tokens: all or none, or with `partial` as many whole ones as there are. */
  consume(wanted: number, partial: boolean, now: Micros): number {
    const whole = Math.floor(this.tokens(now));
    const taken = whole >= wanted ? wanted : partial ? whole : 0;
    this.#tokens -= taken;
    return taken;
  }

  /** Seconds until the next token; 0 when there is one. */
  secondsToNext(now: Micros): number {
    const tokens = this.tokens(now);
    if (tokens >= 1 || this.tokensPerUs === 0) return 0;
    return Math.ceil((1 - tokens) / this.tokensPerUs / SECOND);
  }
}

interface BucketSpec {
  readonly max: number;
  readonly perFill: number;
  readonly intervalUs: Micros;
}

interface Descriptor {
  readonly entries: readonly DescriptorEntry[];
  readonly spec: BucketSpec;
}

/** The buckets of one scope: the whole proxy, or one connection. */
class Buckets {
  readonly default: TokenBucket | undefined;
  readonly byDescriptor: readonly TokenBucket[];

  constructor({ bucket, descriptors }: Settings, now: Micros) {
    const make = ({ max, perFill, intervalUs }: BucketSpec) =>
      new TokenBucket(max, perFill, intervalUs, now);
    this.default = bucket && make(bucket);
    this.byDescriptor = descriptors.map(({ spec }) => make(spec));
  }
}

class Settings {
  readonly bucket: BucketSpec | undefined;
  readonly descriptors: readonly Descriptor[];
  readonly status: number;
  readonly perConnection: boolean;
  readonly alwaysTakesDefault: boolean;
  readonly showsHeaders: boolean;
  readonly exhaustsResource: boolean;
  readonly mutations: HeaderMutations;
  readonly enabled: Message | undefined;
  readonly enforced: Message | undefined;
  readonly rateLimits: ReturnType<typeof compileDescriptors> | undefined;
  readonly stats: LimitStats;
  #shared: Buckets | undefined = undefined;

  constructor(config: Message, { proxy }: FilterContext) {
    const bucket = config.message('token_bucket');
    this.bucket = bucket && bucketSpec(bucket);
    this.descriptors = config.messages('descriptors').map((descriptor) => ({
      entries: descriptor
        .messages('entries')
        .map((entry) => ({ key: entry.text('key'), value: entry.text('value') })),
      spec: bucketSpec(descriptor.messageOrEmpty('token_bucket')),
    }));
    const status = statusCode(config.message('status')?.json['code'], 429);
    this.status = status < 400 ? 429 : status;
    this.perConnection = config.flag('local_rate_limit_per_downstream_connection');
    this.alwaysTakesDefault = config.boolean('always_consume_default_token_bucket') ?? true;
    this.showsHeaders = config.text('enable_x_ratelimit_headers') === 'DRAFT_VERSION_03';
    this.exhaustsResource = config.flag('rate_limited_as_resource_exhausted');
    const toAdd = config.messages('response_headers_to_add').map(compileHeaderToAdd);
    this.mutations = new HeaderMutations(toAdd, []);
    this.enabled = config.message('filter_enabled');
    this.enforced = config.message('filter_enforced');
    const rateLimits = config.messages('rate_limits');
    this.rateLimits = rateLimits.length > 0 ? compileDescriptors(rateLimits) : undefined;
    this.stats = new LimitStats(`${config.text('stat_prefix')}.http_local_rate_limit.`, proxy);
  }

  /** Shared by all connections, or remembered with one. */
  buckets(stream: HttpStream, now: Micros): Buckets {
    if (!this.perConnection) return (this.#shared ??= new Buckets(this, now));
    const { memory } = stream.connection;
    let own = memory.get(this) as Buckets | undefined;
    if (!own) memory.set(this, (own = new Buckets(this, now)));
    return own;
  }
}

class LimitStats {
  readonly enabled: Counter;
  readonly ok: Counter;
  readonly rateLimited: Counter;
  readonly enforced: Counter;

  constructor(prefix: string, { stats }: FilterContext['proxy']) {
    this.enabled = stats.counter(`${prefix}enabled`);
    this.ok = stats.counter(`${prefix}ok`);
    this.rateLimited = stats.counter(`${prefix}rate_limited`);
    this.enforced = stats.counter(`${prefix}enforced`);
  }
}

function bucketSpec(bucket: Message): BucketSpec {
  const intervalUs = bucket.durationUs('fill_interval') ?? 0;
  if (intervalUs < FILL_INTERVAL_US_MIN)
    throw new ConfigError('local rate limit token bucket fill timer must be >= 50ms');
  return {
    max: bucket.number('max_tokens') ?? 0,
    perFill: bucket.number('tokens_per_fill') ?? 1,
    intervalUs,
  };
}

class LocalRateLimit implements HttpFilter {
  readonly name: string;
  readonly #settings: Settings;

  constructor(name: string, config: Message, context: FilterContext) {
    this.name = name;
    this.#settings = new Settings(config, context);
  }

  decode(stream: HttpStream): FilterStatus {
    const settings = (stream.routeConfig(this.name) as Settings | undefined) ?? this.#settings;
    const { runtime, simulation, random } = stream.proxy;
    if (!drawn(random.below(1_000_000), runtime.perMillion(settings.enabled, 0))) return 'continue';
    settings.stats.enabled.inc();
    const buckets = settings.buckets(stream, simulation.now);
    const { allowed, bucket } = take(settings, buckets, stream);
    if (settings.showsHeaders && bucket) stream.remember(this, bucket);
    if (allowed) {
      settings.stats.ok.inc();
      return 'continue';
    }
    settings.stats.rateLimited.inc();
    if (!drawn(random.below(1_000_000), runtime.perMillion(settings.enforced, 0)))
      return 'continue';
    settings.stats.enforced.inc();
    if (stream.journal) stream.note('http-filter', { filter: 'local_ratelimit', allowed: false });
    stream.sendLocalReply({
      status: settings.status,
      body: 'local_rate_limited',
      details: 'local_rate_limited',
      flag: 'RL',
      grpcStatus: settings.exhaustsResource ? 8 : 14,
      headers: (headers) => settings.mutations.apply(headers, stream.info),
    });
    return 'stop';
  }

  encode(stream: HttpStream): void {
    const bucket = stream.recall(this) as TokenBucket | undefined;
    if (!bucket) return;
    const { now } = stream.proxy.simulation;
    const headers = stream.responseHeaders!;
    headers.set('x-ratelimit-limit', String(bucket.max));
    headers.set('x-ratelimit-remaining', String(Math.floor(bucket.tokens(now))));
    headers.set('x-ratelimit-reset', String(bucket.secondsToNext(now)));
  }
}

function drawn(number: number, perMillion: number): boolean {
  return number < perMillion;
}

/** Every matching descriptor must have a token, the slowest first; the default one is taken, too. */
function take(
  settings: Settings,
  buckets: Buckets,
  stream: HttpStream,
): { allowed: boolean; bucket: TokenBucket | undefined } {
  const { now } = stream.proxy.simulation;
  const matching = matchingBuckets(settings, buckets, stream);
  for (const bucket of matching) if (!bucket.take(now)) return { allowed: false, bucket };
  const takesDefault = matching.length === 0 || settings.alwaysTakesDefault;
  if (takesDefault && buckets.default && !buckets.default.take(now))
    return { allowed: false, bucket: buckets.default };
  return { allowed: true, bucket: matching[0] ?? buckets.default };
}

function matchingBuckets(
  { descriptors, rateLimits }: Settings,
  buckets: Buckets,
  stream: HttpStream,
): TokenBucket[] {
  if (descriptors.length === 0) return [];
  const effect = stream.route?.effect;
  const compiled =
    rateLimits ?? (effect?.kind === 'route' ? compileDescriptors(effect.rateLimits) : () => []);
  const found: TokenBucket[] = [];
  for (const request of compiled(stream))
    descriptors.forEach(({ entries }, i) => {
      if (sameEntries(entries, request)) found.push(buckets.byDescriptor[i]!);
    });
  return found.sort((one, other) => one.tokensPerUs - other.tokensPerUs);
}

/** An entry without a value matches any. */
function sameEntries(
  wanted: readonly DescriptorEntry[],
  given: readonly DescriptorEntry[],
): boolean {
  return (
    wanted.length === given.length &&
    wanted.every(
      ({ key, value }, i) => key === given[i]!.key && (value === '' || value === given[i]!.value),
    )
  );
}

export const localRateLimit: FilterFactory = {
  types: ['envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit'],
  create: (name, config, context) => new LocalRateLimit(name, config, context),
  compileRoute: (config, context) => new Settings(config, context),
};
