/**
 * Models istio-init: the container that writes the pod's iptables rules before anything else runs.
 *
 * Spec: istio/manifests/charts/istio-control/istio-discovery/files/injection-template.yaml of 1.30.3
 */
import type { Container } from '../objects/pod.ts';
import { annotated, type InjectionConfig, type InjectionSubject } from './injection-config.ts';
import { proxyImage, proxyResources } from './proxy-container.ts';

const TRAFFIC = 'traffic.sidecar.istio.io';

export function initContainer(subject: InjectionSubject, config: InjectionConfig): Container {
  return {
    name: 'istio-init',
    image: proxyImage(subject, config),
    args: iptablesArguments(subject, config),
    resources: proxyResources(subject),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: false,
      runAsGroup: 0,
      runAsNonRoot: false,
      runAsUser: 0,
    },
  };
}

function iptablesArguments(subject: InjectionSubject, config: InjectionConfig): string[] {
  const given = (name: string) => subject.metadata.annotations?.[`${TRAFFIC}/${name}`];
  const statusPort = annotated(subject, 'status.sidecar.istio.io/port', config.statusPort);
  const excluded = (given('excludeInboundPorts') ?? '').split(',').filter((port) => port !== '');
  if (!excluded.includes(statusPort)) excluded.push(statusPort);
  const optional = (flag: string, name: string) => {
    const value = given(name);
    return value === undefined ? [] : [flag, value];
  };
  return [
    'istio-iptables',
    ...['-p', '15001', '-z', '15006', '-u', '1337'],
    ...['-m', annotated(subject, 'sidecar.istio.io/interceptionMode', 'REDIRECT')],
    ...['-i', given('includeOutboundIPRanges') ?? config.includeIpRanges],
    ...['-x', given('excludeOutboundIPRanges') ?? config.excludeIpRanges],
    ...['-b', given('includeInboundPorts') ?? config.includeInboundPorts],
    ...['-d', ['15090', '15021', ...excluded].join(',')],
    ...optional('-q', 'includeOutboundPorts'),
    ...optional('-o', 'excludeOutboundPorts'),
    ...optional('-k', 'kubevirtInterfaces'),
    ...optional('-c', 'excludeInterfaces'),
    '--log_output_level=default:info',
  ];
}
