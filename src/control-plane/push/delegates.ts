/**
 * Models delegation: a root VirtualService's route hands its requests to another VirtualService.
 *
 * Spec: istio pilot/pkg/model/virtualservice.go, mergeVirtualServicesIfNeeded.
 */
import type { HttpMatch, HttpRoute } from '../../istio/kinds/http-route.ts';
import type { StringMatch } from '../../istio/kinds/string-match.ts';
import type { VirtualService } from '../../istio/kinds/virtual-service.ts';
import { namespaceOf } from '../config.ts';
import { without } from '../without.ts';
import { originOf, withOrigin } from '../origin.ts';

/** The roots, with what they delegate in place; delegates themselves (without hosts) are left out. */
export function mergeDelegates(
  configs: readonly VirtualService[],
  defaultExportTo: readonly string[],
): VirtualService[] {
  const delegates = new Map<string, VirtualService>();
  const roots: VirtualService[] = [];
  for (const config of configs) {
    if (config.spec.hosts?.length) roots.push(config);
    else delegates.set(`${namespaceOf(config)}/${config.metadata.name}`, config);
  }
  return roots.map((root) => {
    if (!root.spec.http?.some(({ delegate }) => delegate)) return root;
    const http = root.spec.http.flatMap((route) => {
      if (!route.delegate) return [route];
      const namespace = route.delegate.namespace || namespaceOf(root);
      const found = delegates.get(`${namespace}/${route.delegate.name ?? ''}`);
      if (!found || !isVisible(found, namespaceOf(root), defaultExportTo)) return [];
      return mergeRoutes(route, found.spec.http ?? []);
    });
    return { ...root, spec: { ...root.spec, http } };
  });
}

function isVisible(
  delegate: VirtualService,
  namespace: string,
  defaultExportTo: readonly string[],
): boolean {
  const exportTo = delegate.spec.exportTo?.length ? delegate.spec.exportTo : defaultExportTo;
  return exportTo.some(
    (it) => it === '*' || it === namespace || (it === '.' && namespaceOf(delegate) === namespace),
  );
}

function mergeRoutes(root: HttpRoute, delegates: readonly HttpRoute[]): HttpRoute[] {
  return delegates.flatMap((delegate) => {
    const merged = mergeRoute(root, delegate);
    return merged ? [withOrigin(merged, originOf(delegate))] : [];
  });
}

/** The delegate's own fields stand; the root's fill the gaps. Undefined where the matches conflict. */
function mergeRoute(root: HttpRoute, delegate: HttpRoute): HttpRoute | undefined {
  const match = mergeMatches(root.match, delegate.match);
  if (match === undefined) return undefined;
  const inherited = without(root, 'delegate', 'match', 'route');
  const name = [root.name, delegate.name].filter(Boolean).join('-');
  return {
    ...inherited,
    ...delegate,
    ...(name && { name }),
    ...(match.length > 0 ? { match } : { match: undefined }),
  } as HttpRoute;
}

function mergeMatches(
  root: readonly HttpMatch[] | undefined,
  delegate: readonly HttpMatch[] | undefined,
): readonly HttpMatch[] | undefined {
  if (!root?.length) return delegate ?? [];
  if (!delegate?.length) return root;
  const merged: HttpMatch[] = [];
  for (const one of root)
    for (const other of delegate) {
      if (isConflict(one, other)) continue;
      merged.push(mergeMatch(one, other));
    }
  return merged.length === 0 ? undefined : merged;
}

function mergeMatch(root: HttpMatch, delegate: HttpMatch): HttpMatch {
  const names = [root.name, delegate.name].filter(Boolean);
  return {
    ...root,
    ...delegate,
    ...(names.length > 0 && { name: names.join('-') }),
    ...(delegate.uri === undefined && root.uri ? { uri: root.uri } : {}),
    ...merged(root.headers, delegate.headers, 'headers'),
    ...merged(root.withoutHeaders, delegate.withoutHeaders, 'withoutHeaders'),
    ...merged(root.queryParams, delegate.queryParams, 'queryParams'),
    ...merged(root.sourceLabels, delegate.sourceLabels, 'sourceLabels'),
    ...(root.gateways?.length ? { gateways: root.gateways } : {}),
  };
}

function merged<T>(
  root: Readonly<Record<string, T>> | undefined,
  delegate: Readonly<Record<string, T>> | undefined,
  field: string,
): object {
  return root || delegate ? { [field]: { ...delegate, ...root } } : {};
}

/** Both say something of one thing, and it cannot both be true. */
function isConflict(root: HttpMatch, leaf: HttpMatch): boolean {
  if (stringConflict(root.uri, leaf.uri, true)) return true;
  for (const field of ['scheme', 'method', 'authority'] as const)
    if (stringConflict(root[field], leaf[field], false)) return true;
  for (const field of ['headers', 'withoutHeaders', 'queryParams'] as const)
    for (const key in root[field]) {
      const other = leaf[field]?.[key];
      if (other && stringConflict(root[field]?.[key], other, false)) return true;
    }
  if (root.ignoreUriCase !== leaf.ignoreUriCase && root.uri && leaf.uri) return true;
  if (root.port && leaf.port && root.port !== leaf.port) return true;
  for (const key in root.sourceLabels) {
    const other = leaf.sourceLabels?.[key];
    if (other !== undefined && other !== root.sourceLabels[key]) return true;
  }
  return !!(
    root.sourceNamespace &&
    leaf.sourceNamespace &&
    root.sourceNamespace !== leaf.sourceNamespace
  );
}

function stringConflict(
  root: StringMatch | undefined,
  leaf: StringMatch | undefined,
  isUri: boolean,
): boolean {
  if (!root || !leaf) return false;
  if (root.exact !== undefined) return leaf.exact !== root.exact;
  if (root.regex !== undefined || leaf.regex !== undefined)
    return !(isUri ? false : root.regex === leaf.regex);
  const prefix = root.prefix ?? '';
  return !(leaf.exact ?? leaf.prefix ?? '').startsWith(prefix);
}
