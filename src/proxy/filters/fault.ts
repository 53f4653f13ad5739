/**
 * Models fault injection: a delay first, then an abort, each by its own percentage.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/fault_filter.
 * Simplified: response rate limits are accepted and have no effect.
 */
import type { Micros } from '../../sim/time.ts';
import { MS } from '../../sim/time.ts';
import { fractionPerMillion, type Message } from '../config/message.ts';
import type {
  FilterContext,
  FilterFactory,
  FilterStatus,
  HttpFilter,
} from '../http/http-filter.ts';
import type { HeaderMap } from '../http/header-map.ts';
import type { HttpStream } from '../http/stream.ts';
import { compileHeaderMatcher, type HeaderMatcher } from '../matching/header-matcher.ts';
import type { Counter, Gauge } from '../stats.ts';

interface FaultSettings {
  readonly delay: Delay | undefined;
  readonly abort: Abort | undefined;
  readonly headers: readonly HeaderMatcher[];
  readonly upstreamCluster: string;
  readonly activeMax: number;
}

interface Delay {
  /** Undefined: the request's header says. */
  readonly fixedUs: Micros | undefined;
  readonly perMillion: number;
}

interface Abort {
  readonly kind: 'http' | 'grpc' | 'header';
  readonly status: number;
  readonly perMillion: number;
}

function compileSettings(config: Message): FaultSettings {
  return {
    delay: compileDelay(config.message('delay')),
    abort: compileAbort(config.message('abort')),
    headers: config.messages('headers').map(compileHeaderMatcher),
    upstreamCluster: config.text('upstream_cluster'),
    activeMax: config.number('max_active_faults') ?? Infinity,
  };
}

function percentageOf(message: Message): number {
  const percentage = message.message('percentage');
  return percentage ? fractionPerMillion(percentage) : 0;
}

function compileDelay(delay: Message | undefined): Delay | undefined {
  if (!delay) return undefined;
  const isByHeader = delay.has('header_delay');
  if (!isByHeader && !delay.has('fixed_delay')) return undefined;
  return {
    fixedUs: isByHeader ? undefined : delay.durationUs('fixed_delay'),
    perMillion: percentageOf(delay),
  };
}

function compileAbort(abort: Message | undefined): Abort | undefined {
  if (!abort) return undefined;
  const perMillion = percentageOf(abort);
  if (abort.has('header_abort')) return { kind: 'header', status: 0, perMillion };
  if (abort.has('grpc_status'))
    return { kind: 'grpc', status: abort.number('grpc_status') ?? 0, perMillion };
  return { kind: 'http', status: abort.number('http_status') ?? 0, perMillion };
}

class Fault implements HttpFilter {
  readonly name: string;
  readonly #settings: FaultSettings;
  readonly #delays: Counter;
  readonly #aborts: Counter;
  readonly #overflow: Counter;
  readonly #active: Gauge;

  constructor(name: string, config: Message, { proxy, statPrefix }: FilterContext) {
    this.name = name;
    this.#settings = compileSettings(config);
    this.#delays = proxy.stats.counter(`${statPrefix}fault.delays_injected`);
    this.#aborts = proxy.stats.counter(`${statPrefix}fault.aborts_injected`);
    this.#overflow = proxy.stats.counter(`${statPrefix}fault.faults_overflow`);
    this.#active = proxy.stats.gauge(`${statPrefix}fault.active_faults`);
  }

  decode(stream: HttpStream): FilterStatus {
    const settings = (stream.routeConfig(this.name) as FaultSettings | undefined) ?? this.#settings;
    if (!settings.delay && !settings.abort) return 'continue';
    if (!applies(stream, settings)) return 'continue';
    if (this.#startDelay(stream, settings)) return 'stop';
    return this.#abort(stream, settings) ? 'stop' : 'continue';
  }

  #startDelay(stream: HttpStream, settings: FaultSettings): boolean {
    const { delay } = settings;
    if (!delay) return false;
    const us = delay.fixedUs ?? headerMs(stream.headers, 'x-envoy-fault-delay-request');
    if (us === undefined || us === 0) return false;
    const limit = headerPercentage(stream.headers, 'x-envoy-fault-delay-request-percentage');
    if (!isChosen(stream, delay.perMillion, limit)) return false;
    if (!this.#takeActive(stream, settings)) return false;
    this.#delays.inc();
    stream.info.setFlag('DI');
    if (stream.journal) stream.note('http-filter', { filter: 'fault', fault: 'delay', us });
    stream.after(us, () => {
      if (!this.#abort(stream, settings)) stream.continueDecoding();
    });
    return true;
  }

  #abort(stream: HttpStream, settings: FaultSettings): boolean {
    const { abort } = settings;
    if (!abort) return false;
    const chosen = abort.kind === 'header' ? abortOfHeaders(stream.headers) : abort;
    if (!chosen) return false;
    const limit = headerPercentage(stream.headers, 'x-envoy-fault-abort-request-percentage');
    if (!isChosen(stream, abort.perMillion, limit)) return false;
    if (!this.#takeActive(stream, settings)) return false;
    this.#aborts.inc();
    if (stream.journal)
      stream.note('http-filter', { filter: 'fault', fault: 'abort', status: chosen.status });
    const isGrpc = chosen.kind === 'grpc';
    stream.sendLocalReply({
      status: isGrpc ? 200 : chosen.status,
      body: 'fault filter abort',
      details: 'fault_filter_abort',
      flag: 'FI',
      grpcStatus: isGrpc ? chosen.status : undefined,
    });
    return true;
  }

  /** A stream counts once, however many faults it gets. */
  #takeActive(stream: HttpStream, settings: FaultSettings): boolean {
    if (stream.recall(this)) return true;
    if (this.#active.value >= settings.activeMax) {
      this.#overflow.inc();
      return false;
    }
    this.#active.inc();
    stream.remember(this, true);
    return true;
  }

  complete(stream: HttpStream): void {
    if (stream.recall(this)) this.#active.dec();
  }
}

function applies(stream: HttpStream, settings: FaultSettings): boolean {
  if (settings.upstreamCluster !== '' && routedCluster(stream) !== settings.upstreamCluster)
    return false;
  return settings.headers.every((matcher) => matcher.matches(stream.headers));
}

function routedCluster(stream: HttpStream): string {
  const effect = stream.route?.effect;
  if (effect?.kind !== 'route') return '';
  if (effect.clusters.kind === 'one') return effect.clusters.name;
  return stream.weighted?.name ?? '';
}

function isChosen(stream: HttpStream, perMillion: number, limit: number | undefined): boolean {
  const share = limit === undefined ? perMillion : Math.min(perMillion, limit * 10_000);
  if (share <= 0) return false;
  return share >= 1_000_000 || stream.proxy.random.chance(share);
}

function abortOfHeaders(headers: HeaderMap): { kind: 'http' | 'grpc'; status: number } | undefined {
  const grpc = headers.get('x-envoy-fault-abort-grpc-request');
  if (grpc !== undefined && /^\d+$/.test(grpc)) return { kind: 'grpc', status: Number(grpc) };
  const http = Number(headers.get('x-envoy-fault-abort-request') ?? Number.NaN);
  return http >= 200 && http < 600 ? { kind: 'http', status: http } : undefined;
}

function headerMs(headers: HeaderMap, name: string): Micros | undefined {
  const text = headers.get(name);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) * MS : undefined;
}

function headerPercentage(headers: HeaderMap, name: string): number | undefined {
  const text = headers.get(name);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

export const fault: FilterFactory = {
  types: ['envoy.extensions.filters.http.fault.v3.HTTPFault'],
  create: (name, config, context) => new Fault(name, config, context),
  compileRoute: compileSettings,
};
