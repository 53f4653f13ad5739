/**
 * Models probe rewriting: the kubelet has no certificate, so it asks pilot-agent on port 15020, and
 * that asks the application from inside the pod.
 *
 * Spec: https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/;
 * istio/pkg/kube/inject/app_probe.go. Simplified: HTTP lifecycle hooks are left as they are.
 */
import { without } from '../api/merge.ts';
import type { IntOrString } from '../objects/metadata.ts';
import type { Container, PodSpec, Probe } from '../objects/pod.ts';
import { PROXY_CONTAINER } from './proxy-container.ts';

const PROBES = [
  ['readinessProbe', 'readyz'],
  ['livenessProbe', 'livez'],
  ['startupProbe', 'startupz'],
] as const;

export interface RewrittenProbes {
  readonly spec: PodSpec;
  /** The value of ISTIO_KUBE_APP_PROBERS; undefined when there was nothing to rewrite. */
  readonly probers: string | undefined;
}

export function rewriteProbes(spec: PodSpec, statusPort: number): RewrittenProbes {
  const probers = new Map<string, unknown>();
  const rewrite = (container: Container): Container => {
    if (container.name === PROXY_CONTAINER) return container;
    let rewritten = container;
    for (const [field, ending] of PROBES) {
      const probe = container[field];
      if (!probe || !isRewritable(probe)) continue;
      const path = `/app-health/${container.name}/${ending}`;
      probers.set(path, prober(container, probe));
      rewritten = { ...rewritten, [field]: redirected(probe, path, statusPort) };
    }
    return rewritten;
  };
  const containers = spec.containers.map(rewrite);
  if (probers.size === 0) return { spec, probers: undefined };
  const sorted = [...probers].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    spec: { ...spec, containers },
    probers: JSON.stringify(Object.fromEntries(sorted)),
  };
}

function isRewritable(probe: Probe): boolean {
  return (probe.httpGet ?? probe.tcpSocket ?? probe.grpc) !== undefined;
}

/** What pilot-agent is told to do, with the number of a named port. */
function prober(container: Container, probe: Probe): unknown {
  const { httpGet, tcpSocket, grpc, timeoutSeconds } = probe;
  const number = (port: IntOrString) =>
    container.ports?.find(({ name }) => name === port)?.containerPort ?? port;
  return {
    ...(httpGet && {
      httpGet: {
        path: httpGet.path,
        port: number(httpGet.port),
        host: httpGet.host,
        scheme: httpGet.scheme,
        httpHeaders: httpGet.httpHeaders,
      },
    }),
    ...(tcpSocket && { tcpSocket: { port: number(tcpSocket.port), host: tcpSocket.host } }),
    ...(grpc && { grpc }),
    timeoutSeconds,
  };
}

function redirected(probe: Probe, path: string, port: number): Probe {
  const headers = probe.httpGet?.httpHeaders;
  const timing = without(without(probe, 'tcpSocket'), 'grpc');
  return { ...timing, httpGet: { path, port, ...(headers && { httpHeaders: headers }) } };
}
