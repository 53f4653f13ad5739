/** A subset that a route names and no DestinationRule has: adds it, when the rule is at hand. */
import type { AnalysisMessage } from '../../istio/analysis/analyze.ts';
import { serviceOfHost } from '../../istio/analysis/service-hosts.ts';
import type { YamlDocument } from '../../kube/yaml/documents.ts';
import type { Fix } from './fixes.ts';

interface Rule {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: { readonly host?: string; readonly subsets?: readonly { labels?: object }[] };
}

export interface SubsetAdvice {
  readonly fix?: Fix;
  /** Said after the message when the rule is in another file. */
  readonly note?: string;
}

export function subsetAdvice(
  { message, resource }: AnalysisMessage,
  documents: readonly YamlDocument[],
): SubsetAdvice {
  const missing = /\+subset in destinationrule not found: "(.+)\+([^+"]+)"$/.exec(message);
  if (!missing) return {};
  const [, host = '', subset = ''] = missing;
  const wanted = serviceOfHost(resource.namespace, host);
  const document = documents.find(({ value }) => {
    const { kind, metadata, spec } = (value ?? {}) as Rule;
    const namespace = metadata?.namespace ?? 'default';
    return kind === 'DestinationRule' && serviceOfHost(namespace, spec?.host ?? '') === wanted;
  });
  if (!document) return {};
  const name = ((document.value as Rule).metadata?.name ?? '').trim();
  if (document.path !== resource.document?.path)
    return { note: `add subset ${subset} to DestinationRule ${name} in ${document.path}` };
  const fix = addSubset(document, subset, `Add subset ${subset} to DestinationRule ${name}`);
  return fix ? { fix } : {};
}

function addSubset(document: YamlDocument, subset: string, title: string): Fix | undefined {
  const subsets = (document.value as Rule).spec?.subsets ?? [];
  const last = subsets.length - 1;
  const labels = `labels:\n`;
  if (last < 0) {
    const host = document.keyRangeOf(['spec', 'host']);
    const indent = ' '.repeat(host.column - 1);
    const lines = [
      `${indent}subsets:`,
      `${indent}- name: ${subset}`,
      `${indent}  ${labels.trim()}`,
      `${indent}    version: ${subset}`,
    ];
    return { title, edits: [insertBelow(document.rangeOf(['spec', 'host']).endLine, lines)] };
  }
  const item = document.rangeOf(['spec', 'subsets', last]);
  const isFlow = item.line === document.keyRangeOf(['spec', 'subsets']).line;
  if (isFlow) return undefined;
  const indent = ' '.repeat(Math.max(0, item.column - 3));
  const lines = [
    `${indent}- name: ${subset}`,
    `${indent}  labels:`,
    `${indent}    version: ${subset}`,
  ];
  return { title, edits: [insertBelow(item.endLine, lines)] };
}

function insertBelow(line: number, lines: readonly string[]): Fix['edits'][number] {
  const text = `${lines.join('\n')}\n`;
  return { line: line + 1, column: 1, endLine: line + 1, endColumn: 1, text };
}
