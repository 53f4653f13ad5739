/** What istioctl analyze says of files, a line a message. */
import { analyzeDocuments } from '../../src/istio/analysis/analyze.ts';
import { readDocuments } from '../../src/kube/yaml/documents.ts';
import type { SceneFile } from '../../src/protocol/scene.ts';

export function analyzeFiles(files: readonly SceneFile[]): string {
  const documents = files.flatMap(({ path, text }) => readDocuments(text, path));
  return analyzeDocuments(documents, { asApplied: true })
    .map(({ level, code, origin, message }) => `${level} [${code}] (${origin}) ${message}`)
    .join('\n');
}
