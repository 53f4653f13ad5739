/**
 * Semantic validation of single API messages, named as protobuf names them: what `validate --rows`
 * asks.
 * Spec: https://istio.io/latest/docs/reference/config/
 */
import type { EnvoyFilterSpec } from '../kinds/envoy-filter.ts';
import type { Server } from '../kinds/gateway.ts';
import type { HttpRewrite, HttpRoute } from '../kinds/http-route.ts';
import type { IstioKind } from '../kinds/kinds.ts';
import type { LoadBalancer, LocalityLoadBalancer } from '../kinds/load-balancer.ts';
import type { Port } from '../kinds/port.ts';
import type { ClientTls, TrafficPolicy } from '../kinds/traffic-policy.ts';
import type { WorkloadEntrySpec } from '../kinds/workload-entry.ts';
import { admissionFindings } from './admission.ts';
import { validateClientTls } from './client-tls.ts';
import { validateConnectionPool } from './connection-pool.ts';
import { validateCorsPolicy } from './cors-policy.ts';
import { validateDestination } from './destination.ts';
import { validateConfigPatches } from './envoy-filter.ts';
import { validateExportTo } from './export-to.ts';
import { Findings } from './findings.ts';
import { validateServer, validateServerPort } from './gateway.ts';
import { headerValueProblem, matchedHeaderProblem, strictHeaderProblem } from './http-header.ts';
import {
  httpStatusProblem,
  validateHttpFault,
  validateHttpFaultAbort,
  validateHttpFaultDelay,
} from './http-fault.ts';
import { validateHttpMatch } from './http-route-match.ts';
import { validateHttpRetry } from './http-retry.ts';
import {
  regexRewriteProblem,
  validateHttpDirectResponse,
  validateHttpRedirect,
  validateHttpRewrite,
} from './http-route-action.ts';
import { validateHttpRoute } from './http-route.ts';
import { validateLoadBalancer } from './load-balancer.ts';
import { validateLocalityLoadBalancer } from './locality-load-balancer.ts';
import { validateSelector } from './policy-attachment.ts';
import { validateRouteDestinations } from './route-destination.ts';
import { validateServerTls } from './server-tls.ts';
import { validateFilter } from './telemetry.ts';
import { validateOutlierDetection, validateTrafficPolicy } from './traffic-policy.ts';
import { validateEndpoint, portNameProblem } from './workload-entry.ts';

export interface ValidationRow {
  readonly id: string;
  readonly type: string;
  readonly value: unknown;
  readonly options?: {
    readonly func?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly configName?: string;
    readonly namespace?: string;
    readonly bind?: string;
    readonly isServiceEntry?: boolean;
    readonly isDestinationRuleWithSelector?: boolean;
  };
}

export type RowAnswer =
  | {
      readonly valid: boolean;
      readonly errors: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly unsupported: string };

type Options = NonNullable<ValidationRow['options']>;
type Check = (value: never, findings: Findings, options: Options) => void;

const KIND_OF_MESSAGE =
  /^istio\.(?:networking|security|telemetry|extensions)\.v1(?:alpha\d|beta\d)?\.(\w+)$/;
const DEFAULT_NAMESPACE = 'default';

export function validateRow({ type, value, options = {} }: ValidationRow): RowAnswer {
  const check = CHECKS.get(shortName(type));
  const findings = check ? new Findings() : kindFindings(type, value, options);
  if (!findings) return { unsupported: `no validator for ${type}` };
  check?.(value as never, findings, options);
  return {
    valid: findings.errors.length === 0,
    errors: findings.errors.map(({ message }) => message),
    warnings: findings.warnings.map(({ message }) => message),
  };
}

/** Whole specs go through the webhook, annotations included. */
function kindFindings(type: string, value: unknown, options: Options): Findings | undefined {
  const kind = KIND_OF_MESSAGE.exec(type)?.[1];
  if (kind === undefined || !KINDS.has(kind)) return undefined;
  const semantics: Record<string, string> =
    options.func === 'TestValidateK8sGateway'
      ? { 'internal.istio.io/gateway-semantics': 'gateway' }
      : {};
  return admissionFindings(kind as IstioKind, (value ?? {}) as never, {
    name: options.configName ?? 'foo',
    namespace: options.namespace ?? 'bar',
    labels: options.labels,
    annotations: { ...semantics, ...options.annotations },
  });
}

const KINDS: ReadonlySet<string> = new Set<IstioKind>([
  'VirtualService',
  'DestinationRule',
  'Gateway',
  'ServiceEntry',
  'WorkloadEntry',
  'WorkloadGroup',
  'Sidecar',
  'EnvoyFilter',
  'ProxyConfig',
  'PeerAuthentication',
  'RequestAuthentication',
  'AuthorizationPolicy',
  'Telemetry',
  'WasmPlugin',
  'TrafficExtension',
]);

/** "[]istio.networking.v1alpha3.RouteDestination" → "[]RouteDestination". */
function shortName(type: string): string {
  return type.replace(/istio\.[a-z]+\.v1(?:alpha\d|beta\d)?\./, '');
}

function check<Value>(
  validate: (
    value: Value | undefined,
    path: string[],
    findings: Findings,
    options: Options,
  ) => void,
): Check {
  return (value: Value, findings, options) => validate(value ?? undefined, [], findings, options);
}

function textCheck(problem: (text: string) => string | undefined): Check {
  return (value: string, findings) => findings.check([], problem(value ?? ''));
}

/** A message that must be there for its validator to be asked. */
function required<Value>(
  validate: (value: Value, path: string[], findings: Findings, options: Options) => void,
  nullMessage?: string,
): Check {
  return (value: Value, findings, options) => {
    if (value !== null && value !== undefined) validate(value, [], findings, options);
    else findings.check([], nullMessage);
  };
}

const routeDestinations = check(
  (value: Parameters<typeof validateRouteDestinations>[0], path, to) =>
    validateRouteDestinations(value, path, to, false),
);

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    'HTTPRoute',
    required((value: HttpRoute, path, findings, { func }) =>
      validateHttpRoute(value, path, findings, {
        isDelegate: func === 'TestValidateDelegateHTTPRoute',
        gatewayApiSemantics: false,
      }),
    ),
  ],
  ['HTTPMatchRequest', required(validateHttpMatch)],
  ['HTTPRetry', check(validateHttpRetry)],
  ['HTTPRewrite', check(validateHttpRewrite)],
  [
    'RegexRewrite',
    check((value: HttpRewrite['uriRegexRewrite'], path, to) =>
      to.check(path, regexRewriteProblem(value)),
    ),
  ],
  ['HTTPRedirect', check(validateHttpRedirect)],
  ['HTTPDirectResponse', check(validateHttpDirectResponse)],
  ['HTTPFaultInjection', check(validateHttpFault)],
  ['HTTPFaultInjection.Abort', check(validateHttpFaultAbort)],
  ['HTTPFaultInjection.Delay', check(validateHttpFaultDelay)],
  ['CorsPolicy', check(validateCorsPolicy)],
  ['Destination', check(validateDestination)],
  ['[]RouteDestination', routeDestinations],
  ['[]HTTPRouteDestination', routeDestinations],
  [
    'TrafficPolicy',
    check((value: TrafficPolicy | undefined, path, to, { namespace = DEFAULT_NAMESPACE }) =>
      validateTrafficPolicy(value, path, to, namespace),
    ),
  ],
  ['ConnectionPoolSettings', check(validateConnectionPool)],
  ['OutlierDetection', check(validateOutlierDetection)],
  [
    'LoadBalancerSettings',
    check((value: LoadBalancer | undefined, path, to) => validateLoadBalancer(value, path, to, {})),
  ],
  [
    'LocalityLoadBalancerSetting',
    check((value: LocalityLoadBalancer | undefined, path, to) =>
      validateLocalityLoadBalancer(value, path, to, true),
    ),
  ],
  [
    'ClientTLSSettings',
    check((value: ClientTls | undefined, path, to, { namespace = DEFAULT_NAMESPACE }) =>
      validateClientTls(value, path, to, namespace),
    ),
  ],
  [
    'Server',
    required(
      (value: Server, path, to) => validateServer(value, path, to, false),
      'cannot have nil server',
    ),
  ],
  [
    'Port',
    check((value: Port | undefined, path, to, { bind }) =>
      validateServerPort(value, path, to, bind),
    ),
  ],
  ['EnvoyFilter', required((value: EnvoyFilterSpec, _, to) => validateConfigPatches(value, to))],
  ['ServerTLSSettings', check(validateServerTls)],
  ['AccessLogging.Filter', required(validateFilter)],
  ['WorkloadSelector', check(validateSelector)],
  [
    'ServiceEntry.Endpoint',
    required((value: WorkloadEntrySpec, path, to) =>
      validateEndpoint(value, path, to, { allowNames: true }),
    ),
  ],
  [
    'TestValidateHTTPStatus',
    (value: number, findings) => findings.check([], httpStatusProblem(value)),
  ],
  ['TestValidatePortName', textCheck(portNameProblem)],
  ['TestValidateHTTPHeaderName', textCheck(matchedHeaderProblem)],
  ['TestStrictValidateHTTPHeaderName', textCheck(strictHeaderProblem)],
  ['TestValidateHTTPHeaderValue', textCheck(headerValueProblem)],
  [
    'Test_validateExportTo',
    (value: readonly string[], findings, { namespace = '', ...options }) =>
      validateExportTo(value, [], findings, namespace, options),
  ],
]);
