/** Models what tells the pools of one host apart: priority, protocol, transport socket options. */

export interface PoolKey {
  readonly priority: 'default' | 'high';
  readonly protocol: 'http1' | 'http2' | 'auto' | 'tcp';
  /** ALPN offered instead of the cluster's own. */
  readonly alpn: readonly string[] | undefined;
  /** Server name asked for instead of the transport socket's own. */
  readonly serverName: string;
  /** auto_san_validation; the same for all pools of a cluster. */
  readonly mustCarryServerName: boolean;
  /** For clusters with a pool for each downstream connection. */
  readonly downstream: object | undefined;
}

export function samePool(one: PoolKey, other: PoolKey): boolean {
  return (
    one.protocol === other.protocol &&
    one.priority === other.priority &&
    one.serverName === other.serverName &&
    one.downstream === other.downstream &&
    sameNames(one.alpn, other.alpn)
  );
}

function sameNames(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean {
  if (one === other) return true;
  if (!one || !other || one.length !== other.length) return false;
  return one.every((name, i) => name === other[i]);
}
