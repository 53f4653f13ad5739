/**
 * Istio's annotations: where each may stand, how far it is developed, what its value must be.
 * Spec: https://istio.io/latest/docs/reference/config/annotations/
 */
import { isCidr } from '../validation/ip-address.ts';
import { quoted } from '../validation/go-format.ts';

export interface IstioAnnotation {
  readonly name: string;
  readonly stage: 'Alpha' | 'Beta' | 'Stable' | '';
  readonly deprecated: boolean;
  /** Kinds it may stand on; "Any" for all. */
  readonly kinds: readonly string[];
}

/** name stage kinds, "!" before what is deprecated. */
const TABLE = `
!alpha.istio.io/canonical-serviceaccounts Alpha Service
!alpha.istio.io/kubernetes-serviceaccounts Alpha Service
ambient.istio.io/bypass-inbound-capture Alpha Pod
ambient.istio.io/dns-capture Alpha Pod
ambient.istio.io/redirection Beta Pod
ambient.istio.io/waypoint-inbound-binding Alpha GatewayClass,Gateway
galley.istio.io/analyze-suppress Alpha Any
gateway.istio.io/controller-version Alpha Any
gateway.istio.io/name-override Alpha Gateway
gateway.istio.io/service-account Alpha Gateway
inject.istio.io/templates Alpha Pod
istio.io/autoRegistrationGroup Alpha WorkloadEntry
istio.io/connectedAt Alpha WorkloadEntry
istio.io/disconnectedAt Alpha WorkloadEntry
istio.io/dry-run Alpha AuthorizationPolicy
istio.io/reroute-virtual-interfaces Alpha Pod
istio.io/rev Alpha Pod
istio.io/workloadController Alpha WorkloadEntry
kubernetes.io/ingress.class Stable Ingress
networking.istio.io/exportTo Alpha Service
networking.istio.io/service-type Alpha Gateway
networking.istio.io/traffic-distribution Alpha Namespace,Service,ServiceEntry
prometheus.istio.io/merge-metrics Alpha Pod
proxy.istio.io/config Beta Pod
proxy.istio.io/overrides Alpha Pod
readiness.status.sidecar.istio.io/applicationPorts Alpha Pod
readiness.status.sidecar.istio.io/failureThreshold Alpha Pod
readiness.status.sidecar.istio.io/initialDelaySeconds Alpha Pod
readiness.status.sidecar.istio.io/periodSeconds Alpha Pod
sidecar.istio.io/agentLogLevel Alpha Pod
sidecar.istio.io/bootstrapOverride Alpha Pod
sidecar.istio.io/componentLogLevel Alpha Pod
!sidecar.istio.io/discoveryAddress Alpha Pod
!sidecar.istio.io/extraStatTags Alpha Pod
!sidecar.istio.io/inject Beta Pod
sidecar.istio.io/interceptionMode Alpha Pod
sidecar.istio.io/logLevel Alpha Pod
sidecar.istio.io/nativeSidecar Alpha Pod
sidecar.istio.io/proxyCPU Alpha Pod
sidecar.istio.io/proxyCPULimit Alpha Pod
sidecar.istio.io/proxyImage Alpha Pod
sidecar.istio.io/proxyImageType Alpha Pod
sidecar.istio.io/proxyMemory Alpha Pod
sidecar.istio.io/proxyMemoryLimit - Pod
sidecar.istio.io/rewriteAppHTTPProbers Alpha Pod
!sidecar.istio.io/statsCompression Alpha Pod
sidecar.istio.io/statsEvictionInterval Alpha Pod
sidecar.istio.io/statsFlushInterval Alpha Pod
sidecar.istio.io/statsHistogramBins Alpha Pod
sidecar.istio.io/statsHistogramBuckets Alpha Pod
!sidecar.istio.io/statsInclusionPrefixes Alpha Pod
!sidecar.istio.io/statsInclusionRegexps Alpha Pod
!sidecar.istio.io/statsInclusionSuffixes Alpha Pod
sidecar.istio.io/status Alpha Pod
sidecar.istio.io/userVolume Alpha Pod
sidecar.istio.io/userVolumeMount - Pod
status.sidecar.istio.io/port Alpha Pod
topology.istio.io/controlPlaneClusters Alpha Namespace
traffic.istio.io/nodeSelector Stable Service
traffic.sidecar.istio.io/excludeInboundPorts Alpha Pod
traffic.sidecar.istio.io/excludeInterfaces Alpha Pod
traffic.sidecar.istio.io/excludeOutboundIPRanges Alpha Pod
traffic.sidecar.istio.io/excludeOutboundPorts Alpha Pod
traffic.sidecar.istio.io/includeInboundPorts - Pod
traffic.sidecar.istio.io/includeOutboundIPRanges Alpha Pod
traffic.sidecar.istio.io/includeOutboundPorts Alpha Pod
!traffic.sidecar.istio.io/kubevirtInterfaces Alpha Pod
`;

const ANNOTATIONS = new Map<string, IstioAnnotation>(
  TABLE.trim()
    .split('\n')
    .map((line) => {
      const [name = '', stage = '', kinds = ''] = line.replace('!', '').split(' ');
      const annotation = {
        name,
        stage: (stage === '-' ? '' : stage) as IstioAnnotation['stage'],
        deprecated: line.startsWith('!'),
        kinds: kinds.split(','),
      };
      return [name, annotation];
    }),
);

export function istioAnnotation(name: string): IstioAnnotation | undefined {
  return ANNOTATIONS.get(name);
}

/** Whether the name is Istio's to define. */
export function isIstioName(name: string): boolean {
  return name === 'kubernetes.io/ingress.class' || /istio\.io$/.test(name.split('/')[0] ?? '');
}

/** Annotations that Istio itself writes. */
export const WRITTEN_BY_ISTIO: ReadonlySet<string> = new Set([
  'sidecar.istio.io/status',
  'gateway.istio.io/controller-version',
  'istio.io/rev',
]);

const UINT32_MAX = 4_294_967_295;
const UINT16_MAX = 65_535;
const INTERFACE_LENGTH_MAX = 15;
const GO_BOOLEANS = new Set('1 t T TRUE true True 0 f F FALSE false False'.split(' '));
const QUANTITY = /^[+-]?(\d+(\.\d*)?|\.\d+)(([eE][+-]?\d+)|[KMGTPE]i|[numkMGTPE])?$/;

/** What is wrong with an annotation's value. */
export function annotationValueProblem(name: string, value: string): string | undefined {
  return VALUE_CHECKS.get(name)?.(value);
}

function numberProblem(text: string, max: number): string | undefined {
  const words = `strconv.ParseUint: parsing ${quoted(text)}:`;
  if (!/^\d+$/.test(text)) return `${words} invalid syntax`;
  return Number(text) > max ? `${words} value out of range` : undefined;
}

function portsProblem(parameter: string, allowAll: boolean) {
  return (text: string) => {
    if ((allowAll && text === '*') || text.trim() === '') return undefined;
    for (const port of text.trim().split(',')) {
      const problem = numberProblem(port.trim(), UINT16_MAX);
      if (problem === undefined) continue;
      const inner = `failed parsing port '${port}': ${problem}`;
      return `${parameter} invalid: failed parsing port '${port}': ${inner}`;
    }
    return undefined;
  };
}

function rangesProblem(parameter: string, allowAll: boolean) {
  return (text: string) => {
    if ((allowAll && text === '*') || text === '') return undefined;
    const wrong = text.split(',').find((range) => !isCidr(range));
    if (wrong === undefined) return undefined;
    return `${parameter} invalid: failed parsing cidr '${wrong}': netip.ParsePrefix(${quoted(wrong)}): no '/'`;
  };
}

function interfacesProblem(text: string): string | undefined {
  if (text === '') return undefined;
  const wrong = text
    .split(',')
    .map((name) => name.trim())
    .find((name) => name === '' || name.length > INTERFACE_LENGTH_MAX || /[\s/]/.test(name));
  return wrong === undefined ? undefined : `invalid interface name ${quoted(wrong)}`;
}

function quantityProblem(text: string): string | undefined {
  if (QUANTITY.test(text)) return undefined;
  return `quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`;
}

const uint32 = (text: string) => numberProblem(text, UINT32_MAX);

const VALUE_CHECKS: ReadonlyMap<string, (value: string) => string | undefined> = new Map([
  [
    'sidecar.istio.io/interceptionMode',
    (mode: string) =>
      ['REDIRECT', 'TPROXY', 'NONE'].includes(mode)
        ? undefined
        : `interceptionMode invalid, use REDIRECT,TPROXY,NONE: ${mode}`,
  ],
  [
    'status.sidecar.istio.io/port',
    (port: string) => {
      const problem = numberProblem(port.trim(), UINT16_MAX);
      return problem && `excludeInboundPorts invalid: failed parsing port '${port}': ${problem}`;
    },
  ],
  ['readiness.status.sidecar.istio.io/initialDelaySeconds', uint32],
  ['readiness.status.sidecar.istio.io/periodSeconds', uint32],
  ['readiness.status.sidecar.istio.io/failureThreshold', uint32],
  ['traffic.sidecar.istio.io/includeOutboundIPRanges', rangesProblem('includeIPRanges', true)],
  ['traffic.sidecar.istio.io/excludeOutboundIPRanges', rangesProblem('excludeIPRanges', false)],
  ['traffic.sidecar.istio.io/includeInboundPorts', portsProblem('includeInboundPorts', true)],
  ['traffic.sidecar.istio.io/excludeInboundPorts', portsProblem('excludeInboundPorts', false)],
  ['traffic.sidecar.istio.io/excludeOutboundPorts', portsProblem('excludeOutboundPorts', false)],
  ['traffic.sidecar.istio.io/excludeInterfaces', interfacesProblem],
  ['traffic.sidecar.istio.io/kubevirtInterfaces', interfacesProblem],
  ['istio.io/reroute-virtual-interfaces', interfacesProblem],
  [
    'prometheus.istio.io/merge-metrics',
    (text: string) =>
      GO_BOOLEANS.has(text)
        ? undefined
        : `strconv.ParseBool: parsing ${quoted(text)}: invalid syntax`,
  ],
  ['sidecar.istio.io/proxyCPU', quantityProblem],
  ['sidecar.istio.io/proxyMemory', quantityProblem],
  ['sidecar.istio.io/proxyCPULimit', quantityProblem],
  ['sidecar.istio.io/proxyMemoryLimit', quantityProblem],
]);
