/**
 * Models the statistics a router keeps of answers: by code, class and origin, for the cluster and
 * the virtual cluster.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats#dynamic-http-statistics.
 * Simplified: no statistics by zone; Istio's sidecars do not show them.
 */
import type { HeaderMap } from '../http/header-map.ts';
import type { HttpStream } from '../http/stream.ts';
import type { UpstreamCluster } from '../upstream/contract.ts';

/** Names by status, made once: the request path joins no strings. */
const names = new Map<number, readonly [string, string]>();

function namesOf(status: number): readonly [string, string] {
  let known = names.get(status);
  if (!known) {
    known = [`upstream_rq_${status}`, `upstream_rq_${Math.floor(status / 100)}xx`];
    names.set(status, known);
  }
  return known;
}

export function countResponse(
  request: HttpStream,
  cluster: UpstreamCluster,
  status: number,
  headers: HeaderMap | undefined,
): void {
  const [code, codeClass] = namesOf(status);
  cluster.count('upstream_rq_completed');
  cluster.count(code);
  cluster.count(codeClass);
  const isInternal = request.headers.get('x-envoy-internal') === 'true';
  const origin = isInternal ? INTERNAL : EXTERNAL;
  cluster.count(origin.completed);
  cluster.count(origin.of(code));
  cluster.count(origin.of(codeClass));
  if (headers?.get('x-envoy-upstream-canary') === 'true') {
    cluster.count('canary.upstream_rq_completed');
    cluster.count(`canary.${code}`);
    cluster.count(`canary.${codeClass}`);
  }
  if (request.virtualCluster !== '') countVirtualCluster(request, code, codeClass);
}

class Origin {
  readonly completed: string;
  readonly #prefix: string;
  readonly #names = new Map<string, string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.completed = `${prefix}upstream_rq_completed`;
  }

  of(name: string): string {
    let known = this.#names.get(name);
    if (known === undefined) this.#names.set(name, (known = this.#prefix + name));
    return known;
  }
}

const INTERNAL = new Origin('internal.');
const EXTERNAL = new Origin('external.');

function countVirtualCluster(request: HttpStream, code: string, codeClass: string): void {
  const { virtualHostName } = request.info;
  const { virtualCluster } = request;
  const prefix = `vhost.${virtualHostName}.vcluster.${virtualCluster}.`;
  const { stats } = request.proxy;
  for (const name of ['upstream_rq_total', 'upstream_rq_completed', code, codeClass])
    stats.counter(prefix + name).inc();
}
