/**
 * What a Sidecar lets its workload reach.
 * Spec: https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { EgressListener, SidecarSpec } from '../kinds/sidecar.ts';
import { namespacedHostProblems } from './domain-name.ts';
import type { Findings } from './findings.ts';
import { addressProblem } from './ip-address.ts';
import { portProblem } from './scalar.ts';
import { validateSidecarPort } from './sidecar.ts';
import { isUnixSocket, unixSocketProblem } from './unix-socket.ts';

export function validateEgress(
  egress: SidecarSpec['egress'],
  findings: Findings,
  namespace: string,
): void {
  const numbers = new Set<number>();
  const sockets = new Set<string>();
  let hasCatchAll = false;
  for (const [index, listener] of (egress ?? []).entries()) {
    const at = ['spec', 'egress', index];
    if (!listener) {
      findings.error(at, 'egress listener may not be null');
      continue;
    }
    if (listener.port) {
      validatePort(listener, at, findings);
      reserve(listener, at, findings, numbers, sockets);
    } else if (hasCatchAll) {
      findings.error(at, 'sidecar: egress can have only one listener with empty port');
      continue;
    } else if (index === (egress?.length ?? 0) - 1) {
      hasCatchAll = true;
    } else {
      findings.error(
        at,
        'sidecar: the egress listener with empty port should be the last listener in the list',
      );
    }
    validateHosts(listener, [...at, 'hosts'], findings, namespace);
  }
}

function validatePort(listener: EgressListener, path: ValuePath, findings: Findings): void {
  const { port = {}, bind = '', captureMode = 'DEFAULT' } = listener;
  validateSidecarPort(port, [...path, 'port'], findings);
  if (port.number) {
    findings.check([...path, 'port', 'number'], portProblem(port.number));
    if (bind !== '') findings.check([...path, 'bind'], addressProblem(bind));
    return;
  }
  findings.check(
    [...path, 'bind'],
    isUnixSocket(bind)
      ? unixSocketProblem(bind)
      : 'sidecar: ports with 0 value must have a unix domain socket bind address',
  );
  if (captureMode === 'IPTABLES')
    findings.error(
      [...path, 'captureMode'],
      'sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners',
    );
}

function reserve(
  { port, bind = '' }: EgressListener,
  path: ValuePath,
  findings: Findings,
  numbers: Set<number>,
  sockets: Set<string>,
): void {
  if (port?.number) {
    if (numbers.has(port.number))
      findings.error(
        [...path, 'port', 'number'],
        'sidecar: ports on IP bound listeners must be unique',
      );
    numbers.add(port.number);
  } else {
    if (sockets.has(bind))
      findings.error(
        [...path, 'bind'],
        'sidecar: unix domain socket values for listeners must be unique',
      );
    sockets.add(bind);
  }
}

/** namespace/host, with wildcards on either side. */
function validateHosts(
  { hosts }: EgressListener,
  path: ValuePath,
  findings: Findings,
  namespace: string,
): void {
  if (!hosts?.length)
    findings.error(path, 'sidecar: egress listener must contain at least one host');
  const byNamespace = new Map<string, Set<string>>();
  hosts?.forEach((host, index) => {
    const at = [...path, index];
    const slash = host.indexOf('/');
    if (slash >= 0) {
      const owner = host.slice(0, slash) === '.' ? namespace : host.slice(0, slash);
      const name = host.slice(slash + 1);
      const seen = byNamespace.get(owner) ?? new Set<string>();
      if (name === '*' ? seen.size > 0 : seen.has(name) || seen.has('*'))
        findings.warn(at, `duplicated egress host: ${host}`);
      byNamespace.set(owner, seen.add(name));
    }
    for (const problem of namespacedHostProblems(host, 'sidecar')) findings.error(at, problem);
  });
  if (byNamespace.get('*')?.has('*') && byNamespace.size !== 1)
    findings.warn(path, '`*/*` host select all resources, no other hosts can be added');
}
