/**
 * Models header changes of routes.
 *
 * Spec: istio pilot/pkg/networking/core/route/route.go, TranslateHeadersOperations.
 */
import type { HeaderChanges } from '../../istio/kinds/http-route.ts';
import type { HeaderMutations, HeaderValueOption } from '../../xds/resources/header-value.ts';
import { compare } from '../config.ts';

export interface HeaderOperations {
  readonly mutations: HeaderMutations;
  /** A new Host header: Envoy sets it by a rewrite. */
  readonly authority: string;
}

export function headerOperations(changes: HeaderChanges | undefined): HeaderOperations {
  const { request = {}, response = {} } = changes ?? {};
  const requestAdd = [...additions(request.set, false), ...additions(request.add, true)];
  const responseAdd = [...additions(response.set, false), ...additions(response.add, true)];
  const requestRemove = (request.remove ?? []).filter((key) => !isInternal(key));
  const responseRemove = (response.remove ?? []).filter((key) => !isInternal(key));
  return {
    mutations: {
      ...(requestAdd.length > 0 && { request_headers_to_add: requestAdd }),
      ...(requestRemove.length > 0 && { request_headers_to_remove: requestRemove }),
      ...(responseAdd.length > 0 && { response_headers_to_add: responseAdd }),
      ...(responseRemove.length > 0 && { response_headers_to_remove: responseRemove }),
    },
    authority: authorityOf(request.set) || authorityOf(request.add),
  };
}

/** Both lists, one after the other. */
export function joinedMutations(a: HeaderMutations, b: HeaderMutations): HeaderMutations {
  const joined: HeaderMutations = { ...a };
  for (const field of Object.keys(b) as (keyof HeaderMutations)[])
    Object.assign(joined, { [field]: [...(a[field] ?? []), ...(b[field] ?? [])] });
  return joined;
}

function additions(
  headers: Readonly<Record<string, string>> | undefined,
  appends: boolean,
): HeaderValueOption[] {
  return Object.entries(headers ?? {})
    .filter(([key]) => !isInternal(key))
    .sort(([a], [b]) => compare(a, b))
    .map(([key, value]) => ({
      header: { key, ...(value !== '' && { value }) },
      ...(!appends && { append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' as const }),
    }));
}

function isInternal(key: string): boolean {
  return key.startsWith(':') || key.toLowerCase() === 'host';
}

function authorityOf(headers: Readonly<Record<string, string>> | undefined): string {
  for (const [key, value] of Object.entries(headers ?? {}))
    if (key.toLowerCase() === ':authority' || key.toLowerCase() === 'host') return value;
  return '';
}
