/**
 * Models `kubectl get`.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_get/
 */
import type { KindDefinition } from '../../../kube/objects/kinds.ts';
import type { KubeObject } from '../../../kube/objects/metadata.ts';
import { alignColumns } from '../table.ts';
import { flagOf, isSet, type ParsedArguments } from './arguments.ts';
import { columnsOf, labelText } from './columns.ts';
import { asList, jsonPathText, jsonText, yamlText } from './object-text.ts';
import { named, namespaceOf, select, type Selection } from './resources.ts';
import { fail, type KubectlResult, type KubectlWorld } from './world.ts';

const FORMATS =
  'custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml';

export function get(parsed: ParsedArguments, world: KubectlWorld): KubectlResult {
  const output = flagOf(parsed, 'output') ?? '';
  const selections = select(parsed.words, parsed, world);
  const errors = selections.flatMap((selection) => selection.errors);
  const text = printObjects(output, selections, parsed, world);
  const lines = [...(text === '' ? [] : [text]), ...errors];
  return { output: lines.join('\n'), exitCode: errors.length > 0 ? 1 : 0 };
}

function printObjects(
  output: string,
  selections: readonly Selection[],
  parsed: ParsedArguments,
  world: KubectlWorld,
): string {
  const objects = selections.flatMap((selection) => selection.objects);
  const isSingle = isNamed(parsed);
  if (isSingle && objects.length === 0) return '';
  if (output === 'yaml') return yamlText(asList(objects, isSingle));
  if (output === 'json') return jsonText(asList(objects, isSingle));
  if (output.startsWith('jsonpath='))
    return jsonPathText(unquoted(output.slice('jsonpath='.length)), asList(objects, isSingle));
  if (output === 'name')
    return selections
      .flatMap(({ definition, objects: own }) =>
        own.map(({ metadata }) => named(definition, metadata.name)),
      )
      .join('\n');
  if (output !== '' && output !== 'wide')
    fail(
      `error: unable to match a printer suitable for the output format "${output}", allowed formats are: ${FORMATS}`,
    );
  return tables(selections, parsed, world, output === 'wide');
}

function isNamed({ words }: ParsedArguments): boolean {
  return words.length === 2 || (words.length === 1 && words[0]!.includes('/'));
}

function unquoted(text: string): string {
  return text.replace(/^(['"])(.*)\1$/s, '$2');
}

function tables(
  selections: readonly Selection[],
  parsed: ParsedArguments,
  world: KubectlWorld,
  wide: boolean,
): string {
  const filled = selections.filter(({ objects }) => objects.length > 0);
  if (filled.length === 0) {
    if (selections.some(({ errors }) => errors.length > 0) || isSet(parsed, 'ignore-not-found'))
      return '';
    const everywhere =
      isSet(parsed, 'all-namespaces') ||
      selections.every(({ definition }) => !definition.namespaced);
    return everywhere
      ? 'No resources found'
      : `No resources found in ${namespaceOf(parsed, world)} namespace.`;
  }
  const isMixed = new Set(selections.map(({ definition }) => definition.id)).size > 1;
  return byKind(filled)
    .map(({ definition, objects }) => table(definition, objects, parsed, world, { wide, isMixed }))
    .join('\n\n');
}

/** Names of one kind given one by one (`pod/a pod/b`) make one table. */
function byKind(selections: readonly Selection[]): Selection[] {
  const kinds = new Map<string, Selection>();
  for (const selection of selections) {
    const known = kinds.get(selection.definition.id);
    const objects = [...(known?.objects ?? []), ...selection.objects];
    kinds.set(selection.definition.id, { ...selection, objects });
  }
  return [...kinds.values()];
}

function table(
  definition: KindDefinition,
  objects: readonly KubeObject[],
  parsed: ParsedArguments,
  world: KubectlWorld,
  { wide, isMixed }: { readonly wide: boolean; readonly isMixed: boolean },
): string {
  const columns = columnsOf(definition.id).filter((column) => wide || !column.wide);
  const withNamespace = isSet(parsed, 'all-namespaces') && definition.namespaced;
  const withLabels = isSet(parsed, 'show-labels');
  const labelColumns = (parsed.flags.get('label-columns') ?? []).flatMap((text) => text.split(','));
  const now = world.api.simulation.now;
  const rows = objects.map((object) => [
    ...(withNamespace ? [object.metadata.namespace ?? ''] : []),
    isMixed ? named(definition, object.metadata.name) : object.metadata.name,
    ...columns.map(({ cell }) => cell(object, now)),
    ...labelColumns.map((label) => object.metadata.labels?.[label] ?? ''),
    ...(withLabels ? [labelText(object.metadata.labels)] : []),
  ]);
  const head = [
    ...(withNamespace ? ['NAMESPACE'] : []),
    'NAME',
    ...columns.map(({ title }) => title),
    ...labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1).toUpperCase()),
    ...(withLabels ? ['LABELS'] : []),
  ];
  return alignColumns(isSet(parsed, 'no-headers') ? rows : [head, ...rows], 3);
}
