/**
 * Models the limits of one cluster for one priority: connections, pending requests, requests and
 * retries, with their gauges.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking
 * Simplified: max_connection_pools is shown but not enforced.
 */
import type { Gauge, StatsStore } from '../stats.ts';
import type { LimitSnapshot } from './cluster-snapshot.ts';
import type { Priority } from './contract.ts';
import { flag, message, messages, number, text, type Json } from './proto-json.ts';

/** Something of which only so many may exist at a time. */
export class Resource {
  count = 0;
  readonly max: number;
  readonly #open: Gauge;
  readonly #remaining: Gauge | undefined;

  constructor(max: number, open: Gauge, remaining: Gauge | undefined) {
    this.max = max;
    this.#open = open;
    this.#remaining = remaining;
    // As in Envoy, `open` speaks up with the first change only, even where nothing is allowed.
    remaining?.set(max);
  }

  get canCreate(): boolean {
    return this.count < this.max;
  }

  inc(): void {
    this.count += 1;
    if (this.count >= this.max || this.#remaining) this.#show();
  }

  dec(): void {
    this.count -= 1;
    if (this.count + 1 >= this.max || this.#remaining) this.#show();
  }

  #show(): void {
    this.#open.set(this.count >= this.max ? 1 : 0);
    this.#remaining?.set(Math.max(0, this.max - this.count));
  }
}

interface RetryBudget {
  /** 0 … 1. */
  readonly share: number;
  readonly concurrencyMin: number;
}

/** Limits and counts of one priority. */
export class CircuitBreakers {
  readonly connections: Resource;
  readonly pendingRequests: Resource;
  readonly requests: Resource;
  readonly retries: Resource;
  /** Limit for each host's connections (per_host_thresholds). */
  readonly connectionsPerHostMax: number;
  readonly connectionPools: Resource;
  readonly #retryBudget: RetryBudget | undefined;
  readonly #retryOpen: Gauge;

  /** `prefix`: "cluster.NAME.". */
  constructor(clusterResource: Json, priority: Priority, prefix: string, stats: StatsStore) {
    const breakers = message(clusterResource['circuit_breakers']);
    const limits = thresholdsOf(breakers?.['thresholds'], priority);
    const perHost = thresholdsOf(breakers?.['per_host_thresholds'], priority);
    const track = flag(limits?.['track_remaining']);
    const gauges = `${prefix}circuit_breakers.${priority}.`;
    const resource = (field: string, unset: number, short: string, left: string) =>
      new Resource(
        number(limits?.[field], unset),
        stats.gauge(`${gauges}${short}_open`),
        track ? stats.gauge(`${gauges}remaining_${left}`) : undefined,
      );
    this.connections = resource('max_connections', 1024, 'cx', 'cx');
    this.pendingRequests = resource('max_pending_requests', 1024, 'rq_pending', 'pending');
    this.requests = resource('max_requests', 1024, 'rq', 'rq');
    this.#retryBudget = retryBudgetOf(message(limits?.['retry_budget']));
    this.#retryOpen = stats.gauge(`${gauges}rq_retry_open`);
    this.retries = new Resource(
      this.#retryBudget ? Infinity : number(limits?.['max_retries'], 3),
      this.#retryOpen,
      track && !this.#retryBudget ? stats.gauge(`${gauges}remaining_retries`) : undefined,
    );
    if (track && this.#retryBudget) stats.gauge(`${gauges}remaining_retries`).set(0);
    this.connectionPools = resource('max_connection_pools', Infinity, 'cx_pool', 'cx_pools');
    this.connectionsPerHostMax = number(perHost?.['max_connections'], Infinity);
  }

  get limits(): LimitSnapshot {
    return {
      connectionsMax: this.connections.max,
      pendingRequestsMax: this.pendingRequests.max,
      requestsMax: this.requests.max,
      retriesMax: this.#retryBudget ? this.#retriesMax : this.retries.max,
    };
  }

  /** Takes a retry if limit or budget allows. */
  tryAcquireRetry(): boolean {
    if (this.retries.count >= this.#retriesMax) return false;
    this.retries.inc();
    if (this.#retryBudget) this.#showBudget();
    return true;
  }

  releaseRetry(): void {
    this.retries.dec();
    if (this.#retryBudget) this.#showBudget();
  }

  get #retriesMax(): number {
    if (!this.#retryBudget) return this.retries.max;
    const { share, concurrencyMin } = this.#retryBudget;
    const running = this.requests.count + this.pendingRequests.count;
    return Math.max(Math.floor(share * running), concurrencyMin);
  }

  #showBudget(): void {
    this.#retryOpen.set(this.retries.count >= this.#retriesMax ? 1 : 0);
  }
}

function thresholdsOf(list: unknown, priority: Priority): Json | undefined {
  return messages(list).find(
    (entry) => text(entry['priority'], 'DEFAULT') === priority.toUpperCase(),
  );
}

function retryBudgetOf(budget: Json | undefined): RetryBudget | undefined {
  if (!budget) return undefined;
  return {
    share: number(budget['budget_percent'], 20) / 100,
    concurrencyMin: number(budget['min_retry_concurrency'], 3),
  };
}
