/**
 * Models `kubectl apply` and `kubectl create`: manifests are read, checked strictly, and stored.
 *
 * Spec: https://kubernetes.io/docs/reference/kubectl/generated/kubectl_apply/. Simplified: every
 * document is checked as the API server with Istio's CRDs would; --server-side is the same as without.
 */
import type { ApiError } from '../../../kube/api/api-error.ts';
import type { ApiResult } from '../../../kube/api/api-error.ts';
import { kindOf } from '../../../kube/objects/kinds.ts';
import type { KubeObject } from '../../../kube/objects/metadata.ts';
import { objectOf, readDocuments, type YamlDocument } from '../../../kube/yaml/documents.ts';
import { validateDocument } from '../../../istio/document.ts';
import { flagOf, type ParsedArguments } from './arguments.ts';
import { jsonText, yamlText } from './object-text.ts';
import { named, namespaceOf } from './resources.ts';
import { fail, type KubectlResult, type KubectlWorld, type ManifestFile } from './world.ts';

type Verb = 'apply' | 'create';

export function applyFiles(
  verb: Verb,
  parsed: ParsedArguments,
  world: KubectlWorld,
): KubectlResult {
  if (parsed.flags.get('filename') === undefined) fail('error: must specify one of -f and -k');
  const lines: string[] = [];
  const errors: string[] = [];
  for (const document of manifests(parsed, world)) {
    const line = store(verb, document, parsed, world);
    if ('error' in line) errors.push(line.error);
    else lines.push(...line.warnings.map((text) => `Warning: ${text}`), line.said);
  }
  if (lines.length + errors.length === 0) errors.push(`error: no objects passed to ${verb}`);
  return { output: [...lines, ...errors].join('\n'), exitCode: errors.length > 0 ? 1 : 0 };
}

/** All documents of all files named with -f. */
export function manifests(parsed: ParsedArguments, world: KubectlWorld): YamlDocument[] {
  const files = (parsed.flags.get('filename') ?? []).flatMap((name): readonly ManifestFile[] => {
    const found = world.files(name);
    return found ?? fail(`error: the path "${name}" does not exist`);
  });
  return files.flatMap(({ path, text }) => readDocuments(text, path));
}

type Line =
  { readonly said: string; readonly warnings: readonly string[] } | { readonly error: string };

function store(
  verb: Verb,
  document: YamlDocument,
  parsed: ParsedArguments,
  world: KubectlWorld,
): Line {
  const mode = flagOf(parsed, 'validate');
  const unknownFields = mode === 'ignore' || mode === 'false' ? 'ignore' : 'refuse';
  const verdict = validateDocument(document, {
    unknownFields,
    defaultNamespace: namespaceOf(parsed, world),
  });
  const { stage, errors, kind, name } = verdict;
  if (stage === 'parse')
    return {
      error: `error: error parsing ${document.path}: error converting YAML to JSON: ${errors[0]}`,
    };
  if (stage === 'kubernetes') return { error: unknownKind(document, verdict.namespace, errors) };
  if (stage === 'schema') return { error: refusedBySchema(document, kind, name, errors) };
  const object = verdict.value ?? objectOf(document);
  if (!object) return { error: `error: ${document.path}: not a Kubernetes object` };
  const placed = inNamespace(object as KubeObject, parsed, world);
  const dryRun = (flagOf(parsed, 'dry-run') ?? 'none') !== 'none';
  const result =
    verb === 'apply' ? world.api.apply(placed, { dryRun }) : world.api.create(placed, { dryRun });
  if (!result.ok) return { error: refusal(verb, document, result.error) };
  if (!dryRun) world.applied?.(result.object, document);
  return { said: outcome(verb, result, parsed), warnings: result.warnings };
}

function inNamespace(object: KubeObject, parsed: ParsedArguments, world: KubectlWorld): KubeObject {
  if (!kindOf(object)?.namespaced) return object;
  const asked = flagOf(parsed, 'namespace');
  const { namespace } = object.metadata;
  if (asked !== undefined && namespace && namespace !== asked)
    fail(
      `error: the namespace from the provided object "${namespace}" does not match the namespace "${asked}". You must pass '--namespace=${namespace}' to perform this operation.`,
    );
  return {
    ...object,
    metadata: { ...object.metadata, namespace: namespace || namespaceOf(parsed, world) },
  };
}

function outcome(
  verb: Verb,
  result: ApiResult<KubeObject> & { readonly ok: true; readonly action?: string },
  parsed: ParsedArguments,
): string {
  const output = flagOf(parsed, 'output');
  if (output === 'yaml') return yamlText(result.object);
  if (output === 'json') return jsonText(result.object);
  const name = named(kindOf(result.object)!, result.object.metadata.name);
  if (output === 'name') return name;
  const dryRun = flagOf(parsed, 'dry-run') ?? 'none';
  const note = dryRun === 'none' ? '' : dryRun === 'server' ? ' (server dry run)' : ' (dry run)';
  return `${name} ${verb === 'apply' ? result.action : 'created'}${note}`;
}

function unknownKind(document: YamlDocument, namespace: string, errors: readonly string[]): string {
  const words = errors.join(', ');
  if (!words.startsWith('no matches')) return `error: ${words}`;
  const name = (document.value as Partial<KubeObject>).metadata?.name ?? '';
  return [
    `error: resource mapping not found for name: "${name}" namespace: "${namespace}" from "${document.path}": ${words}`,
    'ensure CRDs are installed first',
  ].join('\n');
}

/** Strict decoding is a bad request; what the schema refuses makes the object invalid. */
function refusedBySchema(
  document: YamlDocument,
  kind: string,
  name: string,
  errors: readonly string[],
): string {
  const reason = decodingReason(errors);
  if (reason !== undefined) {
    const version = (document.value as Partial<KubeObject>).apiVersion?.split('/').at(-1) ?? '';
    const what = `${kind} in version "${version}" cannot be handled as a ${kind}`;
    return `Error from server (BadRequest): error when creating "${document.path}": ${what}: ${reason}`;
  }
  const own = errors.map((text) => text.replace(new RegExp(`^${kind}/[^:]*: `), ''));
  const head = `The ${kind} "${name}" is invalid: `;
  return own.length === 1 ? head + own[0]! : head + own.map((text) => `\n* ${text}`).join('');
}

function decodingReason(errors: readonly string[]): string | undefined {
  const prefix = 'strict decoding error: ';
  const strict = errors.filter((text) => text.startsWith(prefix));
  if (strict.length > 0) return prefix + strict.map((text) => text.slice(prefix.length)).join(', ');
  const mistyped = errors.length === 1 ? /json: cannot unmarshal .*$/.exec(errors[0]!) : null;
  return mistyped?.[0];
}

function refusal(verb: Verb, document: YamlDocument, error: ApiError): string {
  const { causes = [], kind, name, reason, message } = error;
  if (reason === 'Invalid') {
    const texts = causes.map(({ path, detail }) => `${path}: ${detail}`);
    const head = `The ${kind} "${name}" is invalid: `;
    return texts.length === 1
      ? head + texts[0]!
      : head + texts.map((text) => `\n* ${text}`).join('');
  }
  const doing = verb === 'apply' && reason === 'Conflict' ? 'applying patch' : 'creating';
  return `Error from server (${reason}): error when ${doing} "${document.path}": ${message}`;
}

/** `kubectl create namespace shop` and `kubectl create serviceaccount shop`. */
export function create(parsed: ParsedArguments, world: KubectlWorld): KubectlResult {
  const [kind, name] = parsed.words;
  if (kind === undefined) return applyFiles('create', parsed, world);
  const made: Readonly<Record<string, string>> = {
    namespace: 'Namespace',
    ns: 'Namespace',
    serviceaccount: 'ServiceAccount',
    sa: 'ServiceAccount',
  };
  if (!made[kind]) fail(`error: unknown command "${kind}" for "kubectl create"`);
  if (name === undefined) fail(`error: exactly one NAME is required, got 0`);
  const result = world.api.create({
    apiVersion: 'v1',
    kind: made[kind],
    metadata: { name, namespace: namespaceOf(parsed, world) },
  });
  if (!result.ok)
    return { output: `error: failed to create ${kind}: ${result.error.message}`, exitCode: 1 };
  return { output: `${made[kind].toLowerCase()}/${name} created`, exitCode: 0 };
}
