/**
 * Models what a push is about: the changes behind it, and whether endpoints alone are concerned.
 *
 * Spec: istio pilot/pkg/model/push_context.go, PushRequest.Merge.
 */
import type { ConfigChange } from './config-generator.ts';

export interface PushRequest {
  readonly changes: readonly ConfigChange[];
  /** Hosts whose endpoints changed when nothing else did; undefined for a full push. */
  readonly endpointHosts: ReadonlySet<string> | undefined;
}

/** Beyond this many changes it no longer matters which they were. Bounds the memory of a slow proxy. */
const CHANGES_MAX = 1_000;

/** One request for what two asked for, so that a proxy that is behind is pushed to once. */
export function mergePushRequests(one: PushRequest, other: PushRequest): PushRequest {
  const endpointHosts =
    one.endpointHosts && other.endpointHosts
      ? new Set([...one.endpointHosts, ...other.endpointHosts])
      : undefined;
  const changes = [...one.changes, ...other.changes];
  return {
    changes: changes.length > CHANGES_MAX ? changes.slice(-CHANGES_MAX) : changes,
    endpointHosts,
  };
}
