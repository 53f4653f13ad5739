/**
 * Admission of Gateways.
 * Spec: https://istio.io/latest/docs/reference/config/networking/gateway/
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { GatewaySpec, Server } from '../kinds/gateway.ts';
import type { Port } from '../kinds/port.ts';
import { isHttp, isTls, parseProtocol } from '../protocol.ts';
import type { ObjectContext } from './context.ts';
import { isDnsLabel } from './dns-label.ts';
import { namespacedHostProblems } from './domain-name.ts';
import { eachItem, type Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { addressProblem } from './ip-address.ts';
import { portProblem } from './scalar.ts';
import { validateServerTls } from './server-tls.ts';
import { isUnixSocket, unixSocketProblem } from './unix-socket.ts';

const GATEWAY_SEMANTICS = 'internal.istio.io/gateway-semantics';

export function validateGateway(
  spec: GatewaySpec,
  findings: Findings,
  { name, annotations }: ObjectContext,
): void {
  const gatewayApiSemantics = annotations?.[GATEWAY_SEMANTICS] === 'gateway';
  if (!isDnsLabel(name) && !gatewayApiSemantics)
    findings.error(['metadata', 'name'], `invalid gateway name: ${quoted(name)}`);
  if (!spec.servers?.length)
    findings.error(['spec', 'servers'], 'gateway must have at least one server');
  const path = ['spec', 'servers'];
  spec.servers?.forEach((server, index) => {
    if (server) validateServer(server, [...path, index], findings, gatewayApiSemantics);
    else findings.error([...path, index], 'cannot have nil server');
  });
  validatePortNames(spec, findings);
}

function validatePortNames(spec: GatewaySpec, findings: Findings): void {
  const names = new Set<string>();
  const path = ['spec', 'servers'];
  eachItem(spec.servers, path, findings, 'server may not be nil', ({ port, tls }, at) => {
    if (!port) return;
    const name = port.name ?? '';
    if (names.has(name))
      findings.error(
        [...at, 'port', 'name'],
        `port names in servers must be unique: duplicate name ${name}`,
      );
    names.add(name);
    if (tls?.httpsRedirect && !isHttp(parseProtocol(port.protocol)))
      findings.warn(
        [...at, 'tls', 'httpsRedirect'],
        'tls.httpsRedirect should only be used with http servers',
      );
  });
}

export function validateServer(
  server: Server,
  path: ValuePath,
  findings: Findings,
  gatewayApiSemantics: boolean,
): void {
  if (!server.hosts?.length)
    findings.error([...path, 'hosts'], 'server config must contain at least one host');
  server.hosts?.forEach((host, index) => {
    for (const problem of namespacedHostProblems(host, 'gateway', gatewayApiSemantics))
      findings.error([...path, 'hosts', index], problem);
  });
  const before = findings.errors.length;
  validateServerPort(server.port, [...path, 'port'], findings, server.bind);
  const portIsValid = findings.errors.length === before;
  validateBind(server, path, findings);
  validateServerTls(server.tls, [...path, 'tls'], findings);
  if (portIsValid) findings.check([...path, 'tls'], tlsMismatch(server));
}

export function validateServerPort(
  port: Port | undefined | null,
  path: ValuePath,
  findings: Findings,
  bind = '',
): void {
  if (!port) {
    findings.error(path, 'port is required');
    return;
  }
  if (parseProtocol(port.protocol) === 'UnsupportedProtocol')
    findings.error(
      [...path, 'protocol'],
      `invalid protocol ${quoted(port.protocol ?? '')}, supported protocols are HTTP, HTTP2, GRPC, GRPC-WEB, MONGO, REDIS, MYSQL, TCP`,
    );
  const number = port.number ?? 0;
  if (number > 0 || !isUnixSocket(bind)) findings.check([...path, 'number'], portProblem(number));
  if ((port.targetPort ?? 0) > 0)
    findings.error([...path, 'targetPort'], 'targetPort has no impact on Gateways');
  if (!port.name) findings.error([...path, 'name'], `port name must be set: ${portText(port)}`);
}

function validateBind({ port, bind = '' }: Server, path: ValuePath, findings: Findings): void {
  const at = [...path, 'bind'];
  if (isUnixSocket(bind)) {
    findings.check(at, unixSocketProblem(bind));
    if (port?.number)
      findings.error(at, `port number must be 0 for unix domain socket: ${portText(port)}`);
  } else if (bind !== '') {
    findings.check(at, addressProblem(bind));
  }
}

/** TLS settings where the protocol has none, or none where it needs them. */
function tlsMismatch({ port, tls }: Server): string | undefined {
  const protocol = parseProtocol(port.protocol);
  if (isTls(protocol))
    return tls ? undefined : 'server must have TLS settings for HTTPS/TLS protocols';
  if (!tls) return undefined;
  if (!isHttp(protocol)) return 'server cannot have TLS settings for non HTTPS/TLS ports';
  const mode = tls.mode ?? 'PASSTHROUGH';
  const redirectsOnly =
    (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') &&
    !tls.caCertificates &&
    !tls.privateKey &&
    !tls.serverCertificate;
  return redirectsOnly ? undefined : 'server cannot have TLS settings for plain text HTTP ports';
}

/** The port as protobuf prints a message. */
function portText({ number, protocol, name, targetPort }: Port): string {
  return [
    number ? `number:${number}` : '',
    protocol ? `protocol:${quoted(protocol)}` : '',
    name ? `name:${quoted(name)}` : '',
    targetPort ? `target_port:${targetPort}` : '',
  ]
    .filter(Boolean)
    .join(' ');
}
