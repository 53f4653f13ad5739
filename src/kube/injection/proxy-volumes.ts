/**
 * Models the volumes that injection adds: sockets, certificates, Envoy's files, tokens.
 *
 * Spec: as proxy-container.ts.
 */
import type { Volume } from '../objects/pod.ts';
import type { InjectionSubject } from './injection-config.ts';
import { jsonAnnotation } from './proxy-container.ts';

export function sidecarVolumes(subject: InjectionSubject): Volume[] {
  const user = jsonAnnotation(subject, 'sidecar.istio.io/userVolume');
  return [
    { name: 'workload-socket' },
    { name: 'credential-socket' },
    { name: 'workload-certs' },
    ...sharedVolumes(),
    { name: 'istio-ca-crl', configMap: { name: 'istio-ca-crl', optional: true } },
    ...Object.entries(user).map(([name, source]) => ({ ...(source as object), name })),
  ];
}

export function gatewayVolumes(): Volume[] {
  return [
    { name: 'workload-socket' },
    { name: 'credential-socket', emptyDir: {} },
    { name: 'workload-certs', emptyDir: {} },
    ...sharedVolumes(),
  ];
}

function sharedVolumes(): Volume[] {
  const file = (path: string) => ({ fieldRef: { fieldPath: `metadata.${path}` }, path });
  const token = { audience: 'istio-ca', expirationSeconds: 43_200, path: 'istio-token' };
  return [
    { name: 'istio-envoy', emptyDir: { medium: 'Memory' } },
    { name: 'istio-data', emptyDir: {} },
    { name: 'istio-podinfo', downwardAPI: { items: [file('labels'), file('annotations')] } },
    { name: 'istio-token', projected: { sources: [{ serviceAccountToken: token }] } },
    { name: 'istiod-ca-cert', configMap: { name: 'istio-ca-root-cert' } },
  ];
}
