/**
 * Admission of WorkloadGroups.
 * Spec: https://istio.io/latest/docs/reference/config/networking/workload-group/
 */
import type { ReadinessProbe, WorkloadGroupSpec } from '../kinds/workload-group.ts';
import { validateLabels } from './dns-label.ts';
import { eachItem, Findings } from './findings.ts';
import { probeHeaderProblem } from './http-header.ts';
import { portProblem } from './scalar.ts';

const COUNTS = [
  'periodSeconds',
  'initialDelaySeconds',
  'timeoutSeconds',
  'successThreshold',
  'failureThreshold',
] as const;
const PROBE = ['spec', 'probe'];

export function validateWorkloadGroup(spec: WorkloadGroupSpec, findings: Findings): void {
  if (!spec.template) {
    findings.error(['spec'], 'template is required');
    return;
  }
  const labels = new Findings();
  validateLabels(spec.metadata?.labels, ['spec', 'metadata', 'labels'], labels);
  if (labels.errors.length > 0) {
    for (const { path, message } of labels.errors)
      findings.error(path, `invalid labels: ${message}`);
    return;
  }
  if (spec.probe) validateProbe(spec.probe, findings);
}

function validateProbe(probe: ReadinessProbe, findings: Findings): void {
  for (const field of COUNTS) {
    if ((probe[field] ?? 0) < 0) findings.error([...PROBE, field], `${field} must be non-negative`);
  }
  if (probe.httpGet !== undefined) validateHttpGet(probe.httpGet, findings);
  else if (probe.tcpSocket !== undefined)
    findings.check(
      [...PROBE, 'tcpSocket'],
      probe.tcpSocket ? portProblem(probe.tcpSocket.port ?? 0) : 'tcpSocket may not be nil',
    );
  else if (probe.exec !== undefined)
    findings.check(
      [...PROBE, 'exec'],
      !probe.exec
        ? 'exec may not be nil'
        : probe.exec.command?.length
          ? undefined
          : 'exec.command is required',
    );
  else
    findings.error(
      PROBE,
      `unknown health check method ${probe.grpc ? '*v1alpha3.ReadinessProbe_Grpc' : '<nil>'}`,
    );
}

function validateHttpGet(httpGet: ReadinessProbe['httpGet'], findings: Findings): void {
  const path = [...PROBE, 'httpGet'];
  if (!httpGet) {
    findings.error(path, 'httpGet may not be nil');
    return;
  }
  findings.check([...path, 'port'], portProblem(httpGet.port ?? 0));
  if (httpGet.scheme && httpGet.scheme !== 'HTTP' && httpGet.scheme !== 'HTTPS')
    findings.error([...path, 'scheme'], 'httpGet.scheme must be one of "HTTPS", "HTTP"');
  const headers = [...path, 'httpHeaders'];
  eachItem(httpGet.httpHeaders, headers, findings, 'invalid nil header', (header, at) =>
    findings.check([...at, 'name'], probeHeaderProblem(header.name ?? '')),
  );
}
