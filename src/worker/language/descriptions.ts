/** What Istio's CRDs say about a field; read from a file of its own when first asked for. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** `path` starts below the spec: ["trafficPolicy", "tls", "mode"]. */
export function describe(
  descriptions: Descriptions,
  kind: string,
  path: readonly string[],
): string {
  const fields = descriptions[kind];
  const full = path.join('.');
  // policies of subsets and ports are described where the rule's own is
  const shared = full
    .replace(/^subsets\.trafficPolicy\./, 'trafficPolicy.')
    .replace(/^trafficPolicy\.portLevelSettings\./, 'trafficPolicy.');
  return fields?.[full] ?? fields?.[shared] ?? '';
}
