/**
 * Models how the API server refuses, in its own words.
 *
 * Spec: k8s.io/apimachinery/pkg/api/errors; field errors as k8s.io/apimachinery/pkg/util/validation
 * writes them.
 */
import { resourceName, type KindDefinition } from '../objects/kinds.ts';

export type ApiErrorReason =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Invalid'
  | 'BadRequest'
  | 'Forbidden'
  | 'InternalError';

/** One thing wrong with one field. `path` as the API server spells it: "spec.ports[0].port". */
export interface FieldError {
  readonly path: string;
  /** "Required value", "Invalid value: \"x\": must be …". */
  readonly detail: string;
}

export interface ApiError {
  readonly reason: ApiErrorReason;
  /** HTTP status. */
  readonly code: number;
  readonly message: string;
  /** Present when the object is invalid. */
  readonly causes?: readonly FieldError[];
  readonly kind?: string;
  readonly name?: string;
}

export type ApiResult<T> =
  | { readonly ok: true; readonly object: T; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly error: ApiError };

export function notFound(definition: KindDefinition, name: string): ApiError {
  const message = `${resourceName(definition)} "${name}" not found`;
  return { reason: 'NotFound', code: 404, message };
}

export function alreadyExists(definition: KindDefinition, name: string): ApiError {
  const message = `${resourceName(definition)} "${name}" already exists`;
  return { reason: 'AlreadyExists', code: 409, message };
}

export function conflict(definition: KindDefinition, name: string): ApiError {
  const why =
    'the object has been modified; please apply your changes to the latest version and try again';
  const what = `Operation cannot be fulfilled on ${resourceName(definition)} "${name}"`;
  return { reason: 'Conflict', code: 409, message: `${what}: ${why}` };
}

export function badRequest(message: string): ApiError {
  return { reason: 'BadRequest', code: 400, message };
}

/** No such resource is served: kubectl's words, since it finds out before it asks. */
export function noSuchKind(apiVersion: string, kind: string): ApiError {
  return {
    reason: 'NotFound',
    code: 404,
    message: `no matches for kind "${kind}" in version "${apiVersion}"`,
  };
}

export function invalid(
  definition: KindDefinition,
  name: string,
  causes: readonly FieldError[],
): ApiError {
  const texts = causes.map(({ path, detail }) => `${path}: ${detail}`);
  const list = texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
  const kind = definition.group ? `${definition.kind}.${definition.group}` : definition.kind;
  return {
    reason: 'Invalid',
    code: 422,
    message: `${kind} "${name}" is invalid: ${list}`,
    causes,
    kind: definition.kind,
    name,
  };
}

/** What kubectl prints for a refusal. */
export function kubectlWords(error: ApiError): string {
  if (error.reason === 'Invalid' && error.causes) {
    const texts = error.causes.map(({ path, detail }) => `${path}: ${detail}`);
    const head = `The ${error.kind} "${error.name}" is invalid: `;
    return texts.length === 1
      ? head + texts[0]!
      : head + texts.map((text) => `\n* ${text}`).join('');
  }
  return `Error from server (${error.reason}): ${error.message}`;
}
