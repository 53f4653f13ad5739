/** Models the answer to "why did this request go there?", with the YAML behind each decision. */
import type { ValuePath } from '../kube/yaml/documents.ts';
import type { Journey, JourneyStep, YamlPlace } from '../protocol/journey.ts';
import type { JournalStep } from '../proxy/journal.ts';
import type { ObjectKey } from './manifests.ts';
import type { RequestRecord } from './request-book.ts';

/** The document and field that made an xDS object. */
export interface ConfigOrigin extends ObjectKey {
  readonly path: ValuePath;
}

export interface YamlLookup {
  originOf(resource: object): ConfigOrigin | undefined;
  placeOf(key: ObjectKey, path: ValuePath): YamlPlace | undefined;
}

export function journeyOf(record: RequestRecord, yaml: YamlLookup): Journey {
  const { start, end, logged } = record;
  const first = logged.find(({ node }) => node === start.from) ?? logged[0];
  return {
    requestId: start.requestId,
    from: start.from,
    method: start.method,
    url: start.url,
    headers: start.headers,
    startUs: start.startUs,
    ...(end && { endUs: end.endUs, status: end.status }),
    flags: first?.flags ?? [],
    responseDetails: end?.error || (first?.details ?? ''),
    body: end?.body ?? '',
    steps: record.steps.map((step) => journeyStep(step, yaml)),
    accessLog: logged.map(({ node, line }) => ({ pod: node, line })),
  };
}

function journeyStep(step: JournalStep, yaml: YamlLookup): JourneyStep {
  const origin = step.origin && yaml.originOf(step.origin);
  const place = origin && yaml.placeOf(origin, origin.path);
  return {
    timeUs: step.time,
    at: step.node,
    code: step.code,
    ...(step.resource && { resource: step.resource }),
    ...(place && { yaml: place }),
    details: step.details,
  };
}
