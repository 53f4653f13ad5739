/**
 * Sidecar's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/networking/sidecar/
 */
import { connectionPool } from './connection-pool.ts';
import { destination } from './destination.ts';
import { portFields } from './port.ts';
import { list, object, oneOf, string, strings } from './schema-node.ts';
import { networkingWorkloadSelector } from './selector.ts';
import { serverTls } from './server-tls.ts';

const captureMode = oneOf('DEFAULT', 'IPTABLES', 'NONE');
const port = object(portFields);

export const sidecar = object({
  egress: list(
    object({ bind: string, captureMode, hosts: strings, port }, { required: ['hosts'] }),
  ),
  inboundConnectionPool: connectionPool,
  ingress: list(
    object(
      { bind: string, captureMode, connectionPool, defaultEndpoint: string, port, tls: serverTls },
      { required: ['port'] },
    ),
  ),
  outboundTrafficPolicy: object({
    egressProxy: destination,
    mode: oneOf('REGISTRY_ONLY', 'ALLOW_ANY'),
  }),
  workloadSelector: networkingWorkloadSelector,
});
