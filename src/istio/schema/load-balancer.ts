/**
 * Structural schema of how a client chooses among endpoints.
 * Spec: https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings
 */
import { duration } from './duration.ts';
import {
  boolean,
  list,
  map,
  nullableBoolean,
  number,
  object,
  oneOf,
  string,
  strings,
  uint32,
  uint64,
} from './schema-node.ts';

const consistentHash = object(
  {
    httpCookie: object(
      {
        attributes: list(object({ name: string, value: string }, { required: ['name'] })),
        name: string,
        path: string,
        ttl: string,
      },
      { required: ['name'] },
    ),
    httpHeaderName: string,
    httpQueryParameterName: string,
    maglev: object({ tableSize: uint64 }),
    minimumRingSize: uint64,
    ringHash: object({ minimumRingSize: uint64 }),
    useSourceIp: boolean,
  },
  {
    exclusive: [
      ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'],
      ['ringHash', 'maglev'],
    ],
  },
);

const localityLbSetting = object({
  distribute: list(object({ from: string, to: map(uint32) })),
  enabled: nullableBoolean,
  failover: list(object({ from: string, to: string })),
  failoverPriority: strings,
});

export const loadBalancer = object(
  {
    consistentHash,
    localityLbSetting,
    simple: oneOf(
      'UNSPECIFIED',
      'LEAST_CONN',
      'RANDOM',
      'PASSTHROUGH',
      'ROUND_ROBIN',
      'LEAST_REQUEST',
    ),
    warmup: object(
      {
        aggression: number({ minimum: 0, nullable: true }),
        duration,
        minimumPercent: number({ minimum: 0, maximum: 100, nullable: true }),
      },
      { required: ['duration'] },
    ),
    warmupDurationSecs: duration,
  },
  { exclusive: [['simple', 'consistentHash']] },
);
