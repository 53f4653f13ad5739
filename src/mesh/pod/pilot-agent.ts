/**
 * Models pilot-agent's own HTTP servers beside the proxy: readiness on 15021, the application's
 * probes, as injection rewrote them, on 15020.
 *
 * Spec: istio pilot/cmd/pilot-agent/status. Simplified: both are served by the agent itself; no
 * metrics are merged.
 */
import type { Pod, ProbeAction } from '../../kube/objects/pod.ts';
import { SECOND } from '../../sim/time.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { HttpServer } from '../../workloads/http/server.ts';
import type { ServerExchange } from '../../workloads/http/server-exchange.ts';
import { NodeProber } from './container-probe.ts';

const READY_PORT = 15021;
const STATUS_PORT = 15020;
const PROBERS_VARIABLE = 'ISTIO_KUBE_APP_PROBERS';
const TEXT = [['content-type', 'text/plain; charset=utf-8']] as const;
const DEFAULT_TIMEOUT_S = 1;

type AppProbe = ProbeAction & { readonly timeoutSeconds?: number };

export class PilotAgent {
  readonly #servers: HttpServer[];
  readonly #prober: NodeProber;
  readonly #probes: Readonly<Record<string, AppProbe>>;

  constructor(network: NetworkNamespace, pod: Pod, isProxyReady: () => boolean) {
    this.#prober = new NodeProber(network);
    this.#probes = appProbes(pod);
    const ready = new HttpServer(network, (exchange) => {
      const isReady = exchange.path === '/healthz/ready' && isProxyReady();
      exchange.respond(isReady ? 200 : 503, TEXT, '');
    });
    const status = new HttpServer(network, (exchange) => this.#appHealth(exchange));
    ready.listen(READY_PORT);
    status.listen(STATUS_PORT);
    this.#servers = [ready, status];
  }

  stop(): void {
    for (const server of this.#servers) server.stop(0);
  }

  #appHealth(exchange: ServerExchange): void {
    const probe = this.#probes[exchange.path];
    if (!probe) {
      exchange.respond(404, TEXT, '');
      return;
    }
    const timeoutUs = (probe.timeoutSeconds ?? DEFAULT_TIMEOUT_S) * SECOND;
    this.#prober.probe('127.0.0.1', probe, timeoutUs, (isSuccess) =>
      exchange.respond(isSuccess ? 200 : 500, TEXT, ''),
    );
  }
}

/** What the injector wrote into the sidecar's environment: path → the original probe. */
function appProbes(pod: Pod): Readonly<Record<string, AppProbe>> {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const proxy = containers.find(({ name }) => name === 'istio-proxy');
  const text = proxy?.env?.find(({ name }) => name === PROBERS_VARIABLE)?.value;
  if (!text) return {};
  try {
    return JSON.parse(text) as Record<string, AppProbe>;
  } catch {
    // written by hand, and wrongly: the agent then knows no probe and answers 404
    return {};
  }
}
