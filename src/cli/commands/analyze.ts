/** `analyze`: what `istioctl analyze` says about files. */
import path from 'node:path';
import { analyzeDocuments, type AnalysisMessage } from '../../istio/analysis/analyze.ts';
import { analyzersNamed } from '../../istio/analysis/analyzers.ts';
import {
  atLeast,
  documentationUrl,
  LEVELS,
  type AnalysisLevel,
} from '../../istio/analysis/catalogue.ts';
import type { MeshNetworks } from '../../istio/analysis/context.ts';
import { parseSuppression, type Suppression } from '../../istio/analysis/suppression.ts';
import type { MeshConfig } from '../../istio/kinds/mesh-config.ts';
import { readDocuments, type YamlDocument } from '../../kube/yaml/documents.ts';
import { defineCommand } from '../command.ts';
import { CommandFailure } from '../failure.ts';
import { readInputFiles, readJson, readText } from '../input.ts';
import { printAnswer, printJson, tableText } from '../output.ts';

interface AnalysisCase {
  readonly id: string;
  readonly inputs: readonly string[];
  readonly analyzer?: string;
  readonly meshConfig?: string;
  readonly meshNetworks?: string;
}

export const command = defineCommand(
  {
    name: 'analyze',
    summary: 'Looks for mistakes between objects, as istioctl analyze does.',
    usage: 'analyze PATH… [--failure-threshold Warning] | analyze --cases FILE',
    example: 'mesh analyze config/ --suppress "IST0102=Namespace default"',
    flags: {
      namespace: { kind: 'value', value: 'NS', help: 'only messages about this namespace' },
      'istio-namespace': { kind: 'value', value: 'NS', help: 'default istio-system' },
      suppress: { kind: 'list', value: 'CODE=OBJECT', help: 'leaves these messages out' },
      'failure-threshold': {
        kind: 'value',
        value: 'LEVEL',
        help: 'exit 1 from this level on: Info, Warning, Error (default)',
      },
      'mesh-config': { kind: 'value', value: 'FILE', help: 'the mesh config, as YAML' },
      cases: { kind: 'value', value: 'FILE', help: 'JSON array of cases to analyze' },
      json: { kind: 'switch', help: 'one JSON document, even on a terminal' },
    },
  },
  ({ positionals, flags }) => {
    if (flags.cases !== undefined) return answerCases(flags.cases);
    if (positionals.length === 0)
      throw new CommandFailure('analyze needs a PATH (try: mesh analyze --help)');
    const threshold = levelOf(flags['failure-threshold']);
    const documents = readInputFiles(positionals).flatMap(({ path: file, text }) =>
      readDocuments(text, file),
    );
    const meshConfig = flags['mesh-config'];
    const messages = analyzeDocuments(documents, {
      defaultNamespace: flags.namespace ?? 'default',
      ...(flags.namespace !== undefined && { onlyNamespace: flags.namespace }),
      ...(flags['istio-namespace'] !== undefined && { istioNamespace: flags['istio-namespace'] }),
      meshConfig:
        meshConfig === undefined ? meshConfigIn(documents) : readYaml<MeshConfig>(meshConfig),
      suppressions: flags.suppress.map(suppressionOf),
      assumeIngressGateway: !documents.some(runsIngressGateway),
      asApplied: true,
      nowMs: Date.now(),
    });
    printAnswer(
      { messages: messages.map(messageAnswer), skipped: unreadable(documents) },
      { json: flags.json, table: () => table(messages) },
    );
    return messages.some(({ level }) => atLeast(level, threshold)) ? 1 : 0;
  },
);

function messageAnswer({ code, name, level, origin, message, path, file, range }: AnalysisMessage) {
  return {
    code,
    name,
    level,
    origin,
    message,
    path,
    ...(file !== undefined && range && { file, line: range.line, column: range.column }),
    documentationUrl: documentationUrl(code),
  };
}

function unreadable(documents: readonly YamlDocument[]) {
  return documents.flatMap(({ path: file, diagnostics: [problem] }) =>
    problem ? [{ file, line: problem.range.line, reason: problem.message }] : [],
  );
}

/** istioctl's own tests: no default namespace, the ingress gateway taken for granted. */
function answerCases(file: string): 0 {
  const cases = readJson(file);
  if (!Array.isArray(cases)) throw new CommandFailure(`cannot read ${file}: not a JSON array`);
  const folder = path.dirname(file);
  printJson((cases as AnalysisCase[]).map((one) => answerCase(one, folder)));
  return 0;
}

function answerCase(one: AnalysisCase, folder: string) {
  try {
    const at = (name: string) => path.join(folder, name);
    const documents = one.inputs.flatMap((input) => readDocuments(readText(at(input)), input));
    const analyzers = one.analyzer === undefined ? undefined : analyzersNamed(one.analyzer);
    if (analyzers?.length === 0)
      return { id: one.id, error: `no analyzer is called ${one.analyzer ?? ''}` };
    const messages = analyzeDocuments(documents, {
      defaultNamespace: '',
      assumeIngressGateway: true,
      nowMs: Date.now(),
      ...(analyzers && { analyzers }),
      ...(one.meshConfig && { meshConfig: readYaml<MeshConfig>(at(one.meshConfig)) }),
      ...(one.meshNetworks && { meshNetworks: readYaml<MeshNetworks>(at(one.meshNetworks)) }),
    });
    return { id: one.id, messages: messages.map(({ name, origin }) => [name, origin]) };
  } catch (error) {
    return { id: one.id, error: `internal: ${error instanceof Error ? error.message : error}` };
  }
}

/** Whether the files bring an ingress gateway of their own. */
function runsIngressGateway({ value }: YamlDocument): boolean {
  const object = value as
    { spec?: { template?: { metadata?: { labels?: { istio?: string } } } } } | undefined;
  return object?.spec?.template?.metadata?.labels?.istio === 'ingressgateway';
}

/** `mesh` of the ConfigMap istio in istio-system, when it is among the documents. */
function meshConfigIn(documents: readonly YamlDocument[]): MeshConfig {
  for (const { value } of documents) {
    const object = value as
      { kind?: string; metadata?: { name?: string }; data?: { mesh?: string } } | undefined;
    const isMesh = object?.kind === 'ConfigMap' && object.metadata?.name === 'istio';
    const text = isMesh ? object.data?.mesh : undefined;
    if (typeof text === 'string') return (readDocuments(text)[0]?.value ?? {}) as MeshConfig;
  }
  return {};
}

function readYaml<Value>(file: string): Value {
  const document = readDocuments(readText(file), file)[0];
  const problem = document?.diagnostics[0];
  if (problem) throw new CommandFailure(`cannot read ${file}: ${problem.message}`);
  return (document?.value ?? {}) as Value;
}

function suppressionOf(text: string): Suppression {
  const suppression = parseSuppression(text);
  if (suppression) return suppression;
  throw new CommandFailure(`--suppress is CODE=OBJECT, not "${text}"`);
}

function levelOf(text = 'Error'): AnalysisLevel {
  const level = LEVELS.find((one) => one.toLowerCase() === text.toLowerCase());
  if (level) return level;
  throw new CommandFailure(`--failure-threshold is Info, Warning or Error, not "${text}"`);
}

function table(messages: readonly AnalysisMessage[]): string {
  if (messages.length === 0) return 'No problems found.\n';
  const rows = messages.map(({ level, code, origin, file, range, message }) => [
    level,
    code,
    file === undefined ? origin : `${origin} ${file}:${range?.line ?? ''}`,
    message,
  ]);
  return tableText(['LEVEL', 'CODE', 'OBJECT', 'MESSAGE'], rows);
}
