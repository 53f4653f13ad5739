/**
 * Models the manifests that are in force: which file and which lines an object came from.
 *
 * Positions are looked up only when somebody asks for them.
 */
import { objectOf, type ValuePath, type YamlDocument } from '../kube/yaml/documents.ts';
import type { YamlPlace } from '../protocol/journey.ts';

/** What names an object in a cluster. */
export interface ObjectKey {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export class Manifests {
  readonly #documents = new Map<string, YamlDocument>();

  /** An object was applied from this document. */
  applied(key: ObjectKey, document: YamlDocument): void {
    this.#documents.set(keyText(key), document);
  }

  deleted(key: ObjectKey): void {
    this.#documents.delete(keyText(key));
  }

  /** Objects that came from a file and are no longer in it are not of that file any more. */
  keysOf(path: string): ObjectKey[] {
    return [...this.#documents]
      .filter(([, document]) => document.path === path)
      .map(([text]) => keyOfText(text));
  }

  /** Where the value at `path` of an object stands; undefined when it came from no file. */
  place(key: ObjectKey, path: ValuePath): YamlPlace | undefined {
    const document = this.#documents.get(keyText(key));
    if (!document) return undefined;
    const { line, endLine, endColumn } = document.rangeOf(path);
    // a block ends at the start of the line after it
    const lastLine = endColumn === 1 && endLine > line ? endLine - 1 : endLine;
    const { kind, namespace, name } = key;
    return { path: document.path, line, endLine: lastLine, kind, namespace, name };
  }
}

/** The key of a document's object, with the namespace it lands in. */
export function keyOfDocument(
  document: YamlDocument,
  isClusterScoped: (kind: string) => boolean,
): ObjectKey | undefined {
  const object = objectOf(document);
  if (!object) return undefined;
  const { kind, metadata } = object;
  const namespace = isClusterScoped(kind) ? '' : (metadata.namespace ?? 'default');
  return { kind, namespace, name: metadata.name };
}

function keyText({ kind, namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}

function keyOfText(text: string): ObjectKey {
  const [kind = '', namespace = '', name = ''] = text.split('/');
  return { kind, namespace, name };
}
