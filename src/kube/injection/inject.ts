/**
 * Models the sidecar injector: what a pod (or the template of one) looks like afterwards.
 *
 * Spec: istio/pkg/kube/inject of 1.30.3, templates `sidecar` and `gateway`. Simplified: no custom
 * templates, no CNI; a container of the pod's own named istio-proxy is merged field by field.
 */
import type { ObjectMeta, StringMap } from '../objects/metadata.ts';
import type { Container, PodSpec } from '../objects/pod.ts';
import { initContainer } from './init-container.ts';
import {
  annotated,
  proxyConfigOf,
  type InjectionConfig,
  type InjectionSubject,
} from './injection-config.ts';
import { applyOverride, overrideText } from './own-proxy.ts';
import { rewriteProbes } from './probe-rewrite.ts';
import { gatewayContainer, PROXY_CONTAINER, sidecarContainer } from './proxy-container.ts';
import { gatewayVolumes, sidecarVolumes } from './proxy-volumes.ts';

export interface InjectedPod {
  readonly metadata: Partial<ObjectMeta>;
  readonly spec: PodSpec;
}

const TEMPLATES = 'inject.istio.io/templates';
const NATIVE = 'sidecar.istio.io/nativeSidecar';
const REWRITE = 'sidecar.istio.io/rewriteAppHTTPProbers';

/** The injected form; the decision whether to inject is decision.ts. */
export function inject(
  subject: InjectionSubject,
  spec: PodSpec,
  config: InjectionConfig,
): InjectedPod {
  const isGateway = subject.metadata.annotations?.[TEMPLATES] === 'gateway';
  return isGateway ? injectGateway(subject, spec, config) : injectSidecar(subject, spec, config);
}

function injectSidecar(
  subject: InjectionSubject,
  spec: PodSpec,
  config: InjectionConfig,
): InjectedPod {
  const isNative = annotated(subject, NATIVE, String(config.nativeSidecars)) === 'true';
  const rewritten =
    annotated(subject, REWRITE, 'true') === 'true'
      ? rewriteProbes(spec, Number(config.statusPort))
      : { spec, probers: undefined };
  const own = spec.containers.find(({ name }) => name === PROXY_CONTAINER);
  const template = sidecarContainer(subject, spec, config, {
    isNative,
    probers: rewritten.probers,
  });
  const proxy = own ? applyOverride(template, own) : template;
  const others = rewritten.spec.containers.filter(({ name }) => name !== PROXY_CONTAINER);
  const init = initContainer(subject, config);
  const isHolding =
    !isNative &&
    proxyConfigOf(config, subject.metadata)['holdApplicationUntilProxyStarts'] === true;
  const initContainers = [init, ...(isNative ? [proxy] : []), ...(spec.initContainers ?? [])];
  const containers = isNative ? others : isHolding ? [proxy, ...others] : [...others, proxy];
  const volumes = sidecarVolumes(subject);
  const status = {
    initContainers: isNative ? [init.name, proxy.name] : [init.name],
    containers: isNative ? null : [proxy.name],
    volumes: volumes.map(({ name }) => name),
  };
  return {
    metadata: {
      ...subject.metadata,
      annotations: annotations(subject, spec, config, { status, own, isGateway: false }),
      labels: labels(subject, { 'security.istio.io/tlsMode': 'istio' }),
    },
    spec: {
      ...rewritten.spec,
      initContainers,
      containers,
      volumes: [...volumes, ...(spec.volumes ?? [])],
    },
  };
}

function injectGateway(
  subject: InjectionSubject,
  spec: PodSpec,
  config: InjectionConfig,
): InjectedPod {
  const own = spec.containers.find(({ name }) => name === PROXY_CONTAINER);
  const template = gatewayContainer(subject, spec, config);
  const proxy = own ? applyOverride(template, own) : template;
  const others = spec.containers.filter(({ name }) => name !== PROXY_CONTAINER);
  const volumes = gatewayVolumes();
  const status = {
    initContainers: null,
    containers: [proxy.name],
    volumes: volumes.map(({ name }) => name),
  };
  const sysctls = [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }];
  return {
    metadata: {
      ...subject.metadata,
      annotations: annotations(subject, spec, config, { status, own, isGateway: true }),
      labels: labels(subject, {}),
    },
    spec: {
      ...spec,
      containers: [...others, proxy],
      securityContext: { ...{ sysctls }, ...spec.securityContext },
      volumes: [...volumes, ...(spec.volumes ?? [])],
    },
  };
}

function annotations(
  subject: InjectionSubject,
  spec: PodSpec,
  config: InjectionConfig,
  made: {
    readonly status: object;
    readonly own: Container | undefined;
    readonly isGateway: boolean;
  },
): StringMap {
  const given = subject.metadata.annotations ?? {};
  const first = spec.containers.find(({ name }) => name !== PROXY_CONTAINER)?.name;
  const status = { ...made.status, imagePullSecrets: null, revision: config.revision };
  return {
    'istio.io/rev': config.revision,
    ...(first &&
      !made.isGateway && {
        'kubectl.kubernetes.io/default-container': first,
        'kubectl.kubernetes.io/default-logs-container': first,
      }),
    ...given,
    ...(given['prometheus.io/scrape'] !== 'false' && {
      'prometheus.io/path': '/stats/prometheus',
      'prometheus.io/port': config.statusPort,
      'prometheus.io/scrape': 'true',
    }),
    ...(made.own && { 'proxy.istio.io/overrides': overrideText(made.own) }),
    'sidecar.istio.io/status': JSON.stringify(status),
  };
}

/** The canonical service: by label, else by `app`, else the workload's own name. */
function labels(subject: InjectionSubject, added: StringMap): StringMap {
  const given = subject.metadata.labels ?? {};
  const name =
    given['service.istio.io/canonical-name'] ??
    given['app.kubernetes.io/name'] ??
    given['app'] ??
    subject.workload.name;
  const revision =
    given['service.istio.io/canonical-revision'] ??
    given['app.kubernetes.io/version'] ??
    given['version'] ??
    'latest';
  return {
    ...added,
    ...given,
    'service.istio.io/canonical-name': name,
    'service.istio.io/canonical-revision': revision,
  };
}
