/** Models what kubectl needs of the world around it: the API server, files, logs. */
import type { ApiError } from '../../../kube/api/api-error.ts';
import { kubectlWords } from '../../../kube/api/api-error.ts';
import type { ApiServer } from '../../../kube/api-server.ts';
import type { KubeObject } from '../../../kube/objects/metadata.ts';
import type { YamlDocument } from '../../../kube/yaml/documents.ts';

export interface KubectlWorld {
  readonly api: ApiServer;
  /** The context's namespace: "default". */
  readonly namespace: string;
  /** The manifests a path names: one file, all of a folder, or '-'; undefined when there is none. */
  readonly files: (path: string) => readonly ManifestFile[] | undefined;
  /** Lines a container has written, oldest first; undefined when it has never run. */
  readonly logs: (pod: ContainerTarget) => readonly string[] | undefined;
  /** Hears of every object that `apply` or `create` has stored, and the document it came from. */
  readonly applied?: (object: KubeObject, document: YamlDocument) => void;
}

export interface ManifestFile {
  readonly path: string;
  readonly text: string;
}

export interface ContainerTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A command to be run in a container, which takes virtual time: whoever asked runs it. */
export interface ExecRequest extends ContainerTarget {
  readonly command: readonly string[];
}

export interface KubectlResult {
  /** What is printed, without the last line break. */
  readonly output: string;
  readonly exitCode: number;
  /** Present for a `kubectl exec` that can go ahead. */
  readonly exec?: ExecRequest;
}

export function printed(output: string): KubectlResult {
  return { output, exitCode: 0 };
}

export function failed(output: string): KubectlResult {
  return { output, exitCode: 1 };
}

/** A refusal of the API server. */
export function refusedBy(error: ApiError): KubectlResult {
  return failed(kubectlWords(error));
}

/** Ends a command early with what kubectl prints. Thrown and caught within this folder only. */
export class KubectlFailure extends Error {
  override readonly name = 'KubectlFailure';
}

export function fail(message: string): never {
  throw new KubectlFailure(message);
}
