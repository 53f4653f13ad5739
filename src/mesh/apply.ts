/**
 * Models `kubectl apply -f` of the editor's files: each document is read, judged, stored; what has
 * gone from a file goes from the cluster.
 */
import { validateDocument, type DocumentVerdict } from '../istio/document.ts';
import type { ApiServer } from '../kube/api-server.ts';
import { kindOf } from '../kube/objects/kinds.ts';
import type { KubeObject } from '../kube/objects/metadata.ts';
import { readDocuments, type YamlDocument } from '../kube/yaml/documents.ts';
import type { TextDiagnostic } from '../protocol/diagnostic.ts';
import type { DocumentFate } from '../protocol/messages.ts';
import type { SceneFile } from '../protocol/scene.ts';
import type { Manifests, ObjectKey } from './manifests.ts';

export interface ApplyOutcome {
  readonly documents: readonly DocumentFate[];
  readonly diagnostics: readonly TextDiagnostic[];
}

/** Namespaces first, then the rest as written: so a file may hold both in any order. */
export function applyFiles(
  files: readonly SceneFile[],
  api: ApiServer,
  manifests: Manifests,
): ApplyOutcome {
  const documents: DocumentFate[] = [];
  const diagnostics: TextDiagnostic[] = [];
  const before = files.map(({ path }) => manifests.keysOf(path));
  for (const file of files)
    for (const document of namespacesFirst(readDocuments(file.text, file.path))) {
      const verdict = validateDocument(document);
      diagnostics.push(...verdict.diagnostics.map((one) => textDiagnostic(file.path, one)));
      documents.push(store(document, verdict, api, manifests));
    }
  // a file of which something was refused is not in force as a whole: nothing goes because of it
  const refused = new Set(
    documents.filter(({ outcome }) => outcome === 'refused').map(({ path }) => path),
  );
  // after all files, so that an object may move from one to another
  const kept = new Set(documents.map(keyText));
  files.forEach(({ path }, at) => {
    if (refused.has(path)) return;
    for (const key of before[at]!)
      if (!kept.has(keyText(key))) documents.push(...remove(key, path, api, manifests));
  });
  return { documents, diagnostics };
}

function store(
  document: YamlDocument,
  verdict: DocumentVerdict,
  api: ApiServer,
  manifests: Manifests,
): DocumentFate {
  const { kind, name } = verdict;
  const object = verdict.value as KubeObject | undefined;
  const definition = object && kindOf(object);
  const namespace = definition && !definition.namespaced ? '' : verdict.namespace;
  const identity = { path: document.path, index: document.index, kind, namespace, name };
  if (!verdict.accepted || !object)
    return { ...identity, outcome: 'refused', errors: verdict.errors, warnings: verdict.warnings };
  const result = api.apply(object);
  if (!result.ok)
    return {
      ...identity,
      outcome: 'refused',
      errors: [result.error.message],
      warnings: verdict.warnings,
    };
  manifests.applied({ kind, namespace, name }, document);
  const warnings = [...new Set([...verdict.warnings, ...result.warnings])];
  return { ...identity, outcome: result.action ?? 'configured', errors: [], warnings };
}

/** What somebody has deleted before is no news. */
function remove(
  key: ObjectKey,
  path: string,
  api: ApiServer,
  manifests: Manifests,
): DocumentFate[] {
  manifests.deleted(key);
  if (!api.get(key.kind, key.namespace, key.name)) return [];
  const result = api.delete(key.kind, key.namespace, key.name);
  const errors = result.ok ? [] : [result.error.message];
  return [{ path, index: -1, ...key, outcome: 'deleted', errors, warnings: [] }];
}

function namespacesFirst(documents: readonly YamlDocument[]): YamlDocument[] {
  const isNamespace = ({ value }: YamlDocument) =>
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Namespace';
  return [
    ...documents.filter(isNamespace),
    ...documents.filter((document) => !isNamespace(document)),
  ];
}

function textDiagnostic(
  path: string,
  { severity, code, message, range }: DocumentVerdict['diagnostics'][number],
): TextDiagnostic {
  return { path, severity, code, message, ...range };
}

function keyText({ kind, namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}
