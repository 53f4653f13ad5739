/**
 * Structural schema of what a DestinationRule asks of connections to a host.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy
 */
import { connectionPool } from './connection-pool.ts';
import { duration } from './duration.ts';
import { loadBalancer } from './load-balancer.ts';
import { portSelector } from './port.ts';
import {
  boolean,
  int32,
  list,
  nullableBoolean,
  nullableUint32,
  number,
  object,
  oneOf,
  string,
  strings,
  uint32,
} from './schema-node.ts';

const outlierDetection = object({
  baseEjectionTime: duration,
  consecutive5xxErrors: nullableUint32,
  consecutiveErrors: int32,
  consecutiveGatewayErrors: nullableUint32,
  consecutiveLocalOriginFailures: nullableUint32,
  interval: duration,
  maxEjectionPercent: int32,
  minHealthPercent: int32,
  splitExternalLocalOriginErrors: boolean,
});

const tls = object({
  caCertificates: string,
  caCrl: string,
  clientCertificate: string,
  credentialName: string,
  insecureSkipVerify: nullableBoolean,
  mode: oneOf('DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'),
  privateKey: string,
  sni: string,
  subjectAltNames: strings,
});

const perPort = { connectionPool, loadBalancer, outlierDetection, tls };

export const trafficPolicy = object({
  ...perPort,
  portLevelSettings: list(object({ ...perPort, port: portSelector }), { itemsMax: 4096 }),
  proxyProtocol: object({ version: oneOf('V1', 'V2') }),
  retryBudget: object({
    minRetryConcurrency: uint32,
    percent: number({ minimum: 0, maximum: 100, nullable: true }),
  }),
  tunnel: object(
    { protocol: string, targetHost: string, targetPort: uint32 },
    { required: ['targetHost', 'targetPort'] },
  ),
});
