/**
 * Structural schema of one HTTP route of a VirtualService.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute
 */
import { destination, percent } from './destination.ts';
import { duration } from './duration.ts';
import {
  boolean,
  choice,
  int32,
  list,
  map,
  nullableBoolean,
  nullableUint32,
  object,
  oneOf,
  string,
  stringMap,
  strings,
  text,
  uint32,
} from './schema-node.ts';

const stringMatch = choice({ exact: string, prefix: string, regex: string });
const headerOperations = object({ add: stringMap, remove: strings, set: stringMap });
const headers = object({ request: headerOperations, response: headerOperations });

const match = object({
  authority: stringMatch,
  gateways: strings,
  headers: map(stringMatch),
  ignoreUriCase: boolean,
  method: stringMatch,
  name: string,
  port: uint32,
  queryParams: map(stringMatch),
  scheme: stringMatch,
  sourceLabels: stringMap,
  sourceNamespace: string,
  statPrefix: string,
  uri: stringMatch,
  withoutHeaders: map(stringMatch),
});

const corsPolicy = object({
  allowCredentials: nullableBoolean,
  allowHeaders: strings,
  allowMethods: strings,
  allowOrigin: strings,
  allowOrigins: list(stringMatch),
  exposeHeaders: strings,
  maxAge: duration,
  unmatchedPreflights: oneOf('UNSPECIFIED', 'FORWARD', 'IGNORE'),
});

const fault = object({
  abort: object(
    { grpcStatus: string, http2Error: string, httpStatus: int32, percentage: percent },
    { exclusive: [['httpStatus', 'grpcStatus', 'http2Error']] },
  ),
  delay: object(
    { exponentialDelay: duration, fixedDelay: duration, percent: int32, percentage: percent },
    { exclusive: [['fixedDelay', 'exponentialDelay']] },
  ),
});

const redirect = object(
  {
    authority: string,
    derivePort: oneOf('FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT'),
    port: uint32,
    redirectCode: uint32,
    scheme: string,
    uri: string,
  },
  { exclusive: [['port', 'derivePort']] },
);

const retries = object({
  attempts: int32,
  backoff: duration,
  perTryTimeout: duration,
  retryIgnorePreviousHosts: nullableBoolean,
  retryOn: string,
  retryRemoteLocalities: nullableBoolean,
});

export const httpRoute = object({
  corsPolicy,
  delegate: object({ name: string, namespace: string }),
  directResponse: object(
    { body: choice({ string, bytes: text() }), status: uint32 },
    { required: ['status'] },
  ),
  fault,
  headers,
  match: list(match),
  mirror: destination,
  mirror_percent: nullableUint32,
  mirrorPercent: nullableUint32,
  mirrorPercentage: percent,
  mirrors: list(object({ destination, percentage: percent }, { required: ['destination'] })),
  name: string,
  redirect,
  retries,
  rewrite: object({
    authority: string,
    uri: string,
    uriRegexRewrite: object({ match: string, rewrite: string }),
  }),
  route: list(object({ destination, headers, weight: int32 }, { required: ['destination'] })),
  timeout: duration,
});
