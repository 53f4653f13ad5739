/**
 * Models the admin interface of a sidecar, as Istio's bootstrap places it: port 15000 of the pod.
 *
 * Simplified: it listens on all addresses of the pod; a request that arrives from elsewhere is
 * captured by the sidecar and never gets there.
 */
import { adminResponse } from '../../proxy/admin/admin.ts';
import type { AdminFacts } from '../../proxy/admin/admin-page.ts';
import type { Proxy } from '../../proxy/proxy.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { HttpServer } from '../../workloads/http/server.ts';

const ADMIN_PORT = 15000;

/** Starts to listen; the returned function ends it. */
export function serveAdmin(
  network: NetworkNamespace,
  proxy: Proxy,
  facts: () => AdminFacts,
): () => void {
  const server = new HttpServer(network, (exchange) => {
    const method = exchange.method === 'POST' ? 'POST' : 'GET';
    const { status, contentType, body } = adminResponse(proxy, exchange.path, facts(), method);
    exchange.respond(status, [['content-type', contentType]], body);
  });
  server.listen(ADMIN_PORT);
  return () => server.stop(0);
}
