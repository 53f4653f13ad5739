/** All that is wrong with the editor's files: as texts, alone, and together with the platform's. */
import { analyze, type AnalysisMessage } from '../../istio/analysis/analyze.ts';
import { validateDocument } from '../../istio/document.ts';
import { readDocuments, type TextRange, type YamlDocument } from '../../kube/yaml/documents.ts';
import type { TextDiagnostic } from '../../protocol/diagnostic.ts';
import type { SceneFile } from '../../protocol/scene.ts';
import { fixFor } from './fixes.ts';
import { subsetAdvice } from './missing-subset.ts';

export interface CheckedTexts {
  readonly diagnostics: readonly TextDiagnostic[];
  readonly documents: readonly YamlDocument[];
}

/** What the webhook said already. */
const SAID_BEFORE = ['IST0106', 'IST0130', 'IST0131', 'IST0133'];
const SEVERITIES = { Error: 'error', Warning: 'warning', Info: 'info' } as const;

export function checkTexts(
  files: readonly SceneFile[],
  platform: readonly SceneFile[],
): CheckedTexts {
  const own = files.flatMap(({ path, text }) => readDocuments(text, path));
  const others = platform.flatMap(({ path, text }) => readDocuments(text, path));
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const documents = [...own, ...others];
  const diagnostics = own.flatMap((document) =>
    documentDiagnostics(document, texts.get(document.path) ?? ''),
  );
  const ours = new Set(own);
  const messages = analyze(
    documents.map((document) => ({ object: document.value, document })),
    { asApplied: true },
  );
  for (const message of messages) {
    const document = message.resource.document;
    if (!document || !ours.has(document) || SAID_BEFORE.includes(message.code)) continue;
    diagnostics.push(messageDiagnostic(message, document, documents));
  }
  return { diagnostics, documents };
}

function documentDiagnostics(document: YamlDocument, text: string): TextDiagnostic[] {
  return validateDocument(document).diagnostics.map((diagnostic) => {
    const { severity, code, message, range } = diagnostic;
    const fix = fixFor(diagnostic, document, text);
    return {
      path: document.path,
      severity,
      code: code === 'kubernetes' ? 'schema' : code,
      message,
      ...range,
      ...(fix && { fix }),
    };
  });
}

function messageDiagnostic(
  message: AnalysisMessage,
  document: YamlDocument,
  documents: readonly YamlDocument[],
): TextDiagnostic {
  const { fix, note } = subsetAdvice(message, documents);
  return {
    path: document.path,
    severity: SEVERITIES[message.level],
    code: message.code,
    message: note === undefined ? message.message : `${message.message} (${note})`,
    ...(message.path === '' ? nameRange(document) : (message.range ?? nameRange(document))),
    ...(fix && { fix }),
  };
}

/** Where a message about the whole object is shown. */
function nameRange(document: YamlDocument): TextRange {
  return document.rangeOf(['metadata', 'name']);
}
