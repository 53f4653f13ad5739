/**
 * Models how the kubelet looks at a container from its node: HTTP GET, TCP connect, gRPC health.
 *
 * Spec: Kubernetes, "Configure Liveness, Readiness and Startup Probes". Simplified: exec probes
 * always succeed; a gRPC probe is a TCP connect.
 */
import type { ProbeAction } from '../../kube/objects/pod.ts';
import type { ConnectionEnd, ConnectionHandler } from '../../sim/network/connection.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { HttpClient } from '../../workloads/http/client.ts';

const USER_AGENT = [['user-agent', 'kube-probe/1.33']] as const;

export class NodeProber {
  readonly #node: NetworkNamespace;
  readonly #client: HttpClient;

  /** `node`: the network of the machine the pod runs on. */
  constructor(node: NetworkNamespace) {
    this.#node = node;
    this.#client = new HttpClient(
      node,
      { resolve: (host) => host },
      { keepAlive: false, headers: USER_AGENT },
    );
  }

  probe(
    podIp: string,
    action: ProbeAction,
    timeoutUs: number,
    done: (isSuccess: boolean) => void,
  ): void {
    const { httpGet, tcpSocket, grpc } = action;
    if (httpGet) {
      const url = `http://${httpGet.host ?? podIp}:${httpGet.port}${httpGet.path ?? '/'}`;
      const headers = (httpGet.httpHeaders ?? []).map(({ name, value }): [string, string] => [
        name.toLowerCase(),
        value,
      ]);
      this.#client.send({ method: 'GET', url, headers, timeoutUs }, ({ status }) =>
        done(status >= 200 && status < 400),
      );
      return;
    }
    const port = tcpSocket?.port ?? grpc?.port;
    if (port === undefined) done(true);
    else this.#node.connect({ ip: tcpSocket?.host ?? podIp, port: Number(port) }, knock(done));
  }
}

/** Connects, closes, and says whether that worked. */
function knock(done: (isSuccess: boolean) => void): ConnectionHandler {
  return {
    onConnected(end: ConnectionEnd) {
      end.close();
      done(true);
    },
    onConnectFailed: () => done(false),
    onMessage: () => undefined,
    onClosed: () => undefined,
  };
}
