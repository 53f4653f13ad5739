/**
 * What a Sidecar listens on for its workload.
 * Spec: https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { ServerTls } from '../kinds/server-tls.ts';
import type { IngressListener, SidecarSpec } from '../kinds/sidecar.ts';
import { isHttp, isTls, parseProtocol } from '../protocol.ts';
import { validateConnectionPool } from './connection-pool.ts';
import { eachItem, type Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { addressProblem } from './ip-address.ts';
import { portProblem } from './scalar.ts';
import { validateServerTls } from './server-tls.ts';
import { validateSidecarPort } from './sidecar.ts';
import { isUnixSocket, unixSocketProblem } from './unix-socket.ts';

const ENDPOINT_HOSTS = ['', '127.0.0.1', '0.0.0.0', '::1', '::'];

export function validateIngress(ingress: SidecarSpec['ingress'], findings: Findings): void {
  const numbers = new Set<number>();
  const path = ['spec', 'ingress'];
  eachItem(ingress, path, findings, 'sidecar: ingress may not be null', (listener, at) => {
    const { port, bind = '', defaultEndpoint = '', tls, connectionPool } = listener;
    if (!port) {
      findings.error(at, 'sidecar: port is required for ingress listeners');
      return;
    }
    const number = port.number ?? 0;
    validateSidecarPort(port, [...at, 'port'], findings);
    findings.check([...at, 'port', 'number'], portProblem(number));
    if (bind !== '') findings.check([...at, 'bind'], addressProblem(bind));
    if (numbers.has(number))
      findings.error(
        [...at, 'port', 'number'],
        'sidecar: ports on IP bound listeners must be unique',
      );
    numbers.add(number);
    validateEndpointAddress(defaultEndpoint, [...at, 'defaultEndpoint'], findings);
    if (tls) validateIngressTls(tls, listener, [...at, 'tls'], findings);
    validateConnectionPool(connectionPool, [...at, 'connectionPool'], findings);
    if (connectionPool?.http && !isHttp(parseProtocol(port.protocol)))
      findings.warn(
        [...at, 'connectionPool', 'http'],
        `sidecar: HTTP connection pool settings are configured for port ${number} (${quoted(port.name ?? '')}) but its protocol is not HTTP (${port.protocol ?? ''}); only TCP settings will apply`,
      );
  });
}

/** 127.0.0.1:port, [::1]:port, :port or unix://path. */
function validateEndpointAddress(endpoint: string, path: ValuePath, findings: Findings): void {
  if (endpoint === '') return;
  if (isUnixSocket(endpoint)) {
    findings.check(path, unixSocketProblem(endpoint));
    return;
  }
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(endpoint);
  if (!parts)
    findings.error(
      path,
      endpoint.includes(':')
        ? `address ${endpoint}: too many colons in address`
        : `address ${endpoint}: missing port in address`,
    );
  const host = parts?.[1] ?? parts?.[2] ?? '';
  const port = parts?.[3] ?? '';
  if (!ENDPOINT_HOSTS.includes(host))
    findings.error(
      path,
      'sidecar: defaultEndpoint must be of form 127.0.0.1:<port>,0.0.0.0:<port>,[::1]:port,[::]:port,unix://filepath or unset',
    );
  if (!/^[+-]?\d+$/.test(port))
    findings.error(
      path,
      `sidecar: defaultEndpoint port (${port}) is not a number: strconv.Atoi: parsing ${quoted(port)}: invalid syntax`,
    );
  else findings.check(path, portProblem(Number(port)));
}

function validateIngressTls(
  tls: ServerTls,
  { port }: IngressListener,
  path: ValuePath,
  findings: Findings,
): void {
  const forbid = (isSet: unknown, field: keyof ServerTls, words: string) => {
    if (isSet) findings.error([...path, field], `sidecar: ${words}`);
  };
  forbid(
    tls.subjectAltNames?.length,
    'subjectAltNames',
    'subjectAltNames is not supported in ingress tls',
  );
  forbid(tls.httpsRedirect, 'httpsRedirect', 'httpsRedirect is not supported');
  forbid(tls.credentialName, 'credentialName', 'credentialName is not currently supported');
  forbid(
    tls.credentialNames?.length,
    'credentialNames',
    'credentialNames is not currently supported',
  );
  forbid(
    tls.tlsCertificates?.length,
    'tlsCertificates',
    'tls_certificates is not currently supported',
  );
  if (tls.mode === 'ISTIO_MUTUAL' || tls.mode === 'AUTO_PASSTHROUGH')
    findings.error(
      [...path, 'mode'],
      `configuration is invalid: cannot set mode to ${tls.mode} in sidecar ingress tls`,
    );
  if (!isTls(parseProtocol(port.protocol)))
    findings.error(path, 'server cannot have TLS settings for non HTTPS/TLS ports');
  validateServerTls(tls, path, findings);
}
