/**
 * One message of an analysis: its words, what it is about and where that stands.
 * Spec: https://istio.io/latest/docs/ops/diagnostic-tools/istioctl-analyze/
 */
import type { TextRange, ValuePath } from '../../kube/yaml/documents.ts';
import { fieldPath } from '../schema/field-path.ts';
import { goList, quoted } from '../validation/go-format.ts';
import { CATALOGUE, LEVELS, type AnalysisLevel, type MessageName } from './catalogue.ts';
import type { Resource } from './resource.ts';

export interface AnalysisMessage {
  readonly code: string;
  readonly name: MessageName;
  readonly level: AnalysisLevel;
  /** `VirtualService default/reviews` */
  readonly origin: string;
  readonly message: string;
  /** `{.spec.http[0].route[0].destination.host}`; "" for the object as a whole. */
  readonly path: string;
  /** Where it stands, when the object came from a text. */
  readonly file?: string;
  readonly range?: TextRange;
  readonly resource: Resource;
}

export type MessageArgument = string | number | readonly (string | number)[];

export function newMessage(
  name: MessageName,
  resource: Resource,
  parameters: readonly MessageArgument[],
  path: ValuePath = [],
): AnalysisMessage {
  const [code, level, template] = CATALOGUE[name];
  const document = resource.document;
  return {
    code,
    name,
    level,
    origin: `${resource.kind} ${resource.fullName}`,
    message: filled(template, parameters),
    path: path.length > 0 ? `{.${fieldPath(path)}}` : '',
    ...(document && { file: document.path, range: document.rangeOf(path) }),
    resource,
  };
}

/** As istioctl sorts: level, code, origin, text; texts that repeat are left out. */
export function sortedMessages(messages: readonly AnalysisMessage[]): AnalysisMessage[] {
  const keyed = messages.map((message) => ({ message, key: sortKey(message) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return keyed
    .filter(({ key }, index) => key !== keyed[index - 1]?.key)
    .map(({ message }) => message);
}

/**
 * Messages that istioctl places at a field of their own: said twice with the same words they stay
 * two when they stand in two lines.
 */
const PLACED: ReadonlySet<MessageName> = new Set([
  'ReferencedResourceNotFound',
  'VirtualServiceDestinationPortSelectorRequired',
  'VirtualServiceHostNotFoundInGateway',
  'ReferencedInternalGateway',
  'PortNameIsNotUnderNamingConvention',
  'ExternalNameServiceTypeInvalidPortName',
  'ServiceEntryAddressesRequired',
]);

function sortKey({ level, code, name, origin, message, file, range }: AnalysisMessage): string {
  const place = PLACED.has(name) ? `${file ?? ''}:${range?.line ?? ''}` : '';
  return [LEVELS.indexOf(level), code, origin, place, message].join('\u0001');
}

function filled(template: string, parameters: readonly MessageArgument[]): string {
  let next = 0;
  return template.replace(/%[svdq]/g, (verb) => {
    const value = parameters[next++] ?? '';
    if (typeof value === 'object') return goList(value.map(String));
    return verb === '%q' ? quoted(String(value)) : String(value);
  });
}
