/**
 * Admission of Telemetries.
 * Spec: https://istio.io/latest/docs/reference/config/telemetry/
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type {
  MetricsOverride,
  ProviderReference,
  TelemetrySpec,
  Tracing,
} from '../kinds/telemetry.ts';
import { celSyntaxProblem } from './cel-syntax.ts';
import { eachEntry, eachItem, type Findings } from './findings.ts';
import { validateAttachment } from './policy-attachment.ts';

export function validateTelemetry(spec: TelemetrySpec, findings: Findings): void {
  validateAttachment(spec, findings);
  eachItem(spec.metrics, ['spec', 'metrics'], findings, undefined, (metrics, at) => {
    validateProviders(metrics.providers, [...at, 'providers'], findings);
    const nullWords = 'tagOverrides may not be null';
    eachItem(metrics.overrides, [...at, 'overrides'], findings, nullWords, (override, path) =>
      validateOverride(override, path, findings),
    );
  });
  validateTracing(spec, findings);
  eachItem(spec.accessLogging, ['spec', 'accessLogging'], findings, undefined, (log, at) => {
    if (log.filter) validateFilter(log.filter, [...at, 'filter'], findings);
    validateProviders(log.providers, [...at, 'providers'], findings);
  });
}

export function validateFilter(
  filter: { readonly expression?: string },
  path: ValuePath,
  findings: Findings,
): void {
  const problem = celSyntaxProblem(filter.expression ?? '');
  if (problem !== undefined)
    findings.error([...path, 'expression'], `must be a valid CEL expression, ${problem}`);
}

function validateTracing({ tracing }: TelemetrySpec, findings: Findings): void {
  const path = ['spec', 'tracing'];
  if ((tracing?.length ?? 0) > 1)
    findings.warn(path, 'multiple tracing is not currently supported');
  eachItem(tracing, path, findings, undefined, (item, at) => {
    if ((item.providers?.length ?? 0) > 1)
      findings.warn([...at, 'providers'], 'multiple providers is not currently supported');
    validateProviders(item.providers, [...at, 'providers'], findings);
    const sampling = item.randomSamplingPercentage ?? 0;
    if (sampling < 0 || sampling > 100)
      findings.error(
        [...at, 'randomSamplingPercentage'],
        'randomSamplingPercentage must be in range [0.0, 100.0]',
      );
    validateTags(item, [...at, 'customTags'], findings);
  });
}

function validateTags({ customTags }: Tracing, path: ValuePath, findings: Findings): void {
  eachEntry(customTags, path, (tag, at, name) => {
    if (name === '') findings.error(at, 'tag name may not be empty');
    if (!tag) {
      findings.error(at, `tag '${name}' may not have a nil value`);
      return;
    }
    if (tag.literal && !tag.literal.value) findings.error(at, 'literal tag value may not be empty');
    if (tag.header && !tag.header.name) findings.error(at, 'header tag name may not be empty');
    if (tag.environment && !tag.environment.name)
      findings.error(at, 'environment tag name may not be empty');
  });
}

function validateOverride(override: MetricsOverride, path: ValuePath, findings: Findings): void {
  eachEntry(override.tagOverrides, [...path, 'tagOverrides'], (tag, at, name) => {
    if (name === '') findings.warn(at, 'tagOverrides.name may not be empty');
    if (!tag) {
      findings.error(at, 'tagOverrides may not be null');
      return;
    }
    if (tag.operation === 'REMOVE') {
      if (tag.value)
        findings.error(at, 'tagOverrides.value may only be set when operation is UPSERT');
    } else if (!tag.value) {
      findings.error(at, 'tagOverrides.value must be set when operation is UPSERT');
    }
  });
  if (override.match?.customMetric === '')
    findings.error([...path, 'match', 'customMetric'], 'customMetric may not be empty');
}

function validateProviders(
  providers: readonly (ProviderReference | null)[] | undefined,
  path: ValuePath,
  findings: Findings,
): void {
  const index = providers?.findIndex((provider) => !provider?.name) ?? -1;
  if (index >= 0) findings.error([...path, index], 'providers.name may not be empty');
}
