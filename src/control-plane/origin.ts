/**
 * Models the way back from a generated xDS object to the document and field that made it.
 *
 * Held beside the objects, not in them: what a proxy receives stays exactly what istiod sends.
 */
export interface Origin {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** From the document's root: ["spec", "http", 1, "match", 0]. */
  readonly path: readonly (string | number)[];
}

const origins = new WeakMap<object, Origin>();

/** Remembers what made `made` and returns it. The first origin stands: shared objects keep theirs. */
export function withOrigin<T extends object>(made: T, origin: Origin | undefined): T {
  if (origin && !origins.has(made)) origins.set(made, origin);
  return made;
}

/** The document and field behind a route, virtual host, cluster, filter chain or policy. */
export function originOf(made: object): Origin | undefined {
  return origins.get(made);
}

/** The origin of a whole document, or of a field in it. */
export function originIn(
  config: { readonly kind: string; readonly metadata: { name: string; namespace?: string } },
  ...path: (string | number)[]
): Origin {
  const { name, namespace = '' } = config.metadata;
  return { kind: config.kind, namespace, name, path };
}
