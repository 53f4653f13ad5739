/**
 * Models an upstream connection that carries the bytes of one downstream connection and no other.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/listeners/network_filters/tcp_proxy_filter
 */
import type { CloseKind, ConnectionEnd, WireMessage } from '../../sim/network/connection.ts';
import type { BytesMessage, HttpVersion } from '../wire.ts';
import type { PoolCallbacks } from './waiting-requests.ts';
import type { TcpUpstream, TcpUpstreamCallbacks, UpstreamRequest } from './contract.ts';
import { PooledConnection } from './pooled-connection.ts';

export class TcpConnection extends PooledConnection implements TcpUpstream {
  override readonly countsAsRequest = false;
  #callbacks: TcpUpstreamCallbacks | undefined;
  #finSeen = false;

  /** Counted by the pool before it attaches: a connection is one client's for its whole life. */
  get capacity(): number {
    return this.activeStreams > 0 || this.#finSeen ? 0 : 1;
  }

  /** Of no meaning for bytes. */
  protected get version(): HttpVersion {
    return 'HTTP/1.1';
  }

  attach(_request: UpstreamRequest, callbacks: PoolCallbacks): void {
    const proxy = callbacks as TcpUpstreamCallbacks;
    this.#callbacks = proxy;
    proxy.onPoolReady(this, this.info);
  }

  write(bytes: string): void {
    const message: BytesMessage = { type: 'bytes', bytes };
    this.relay(message, bytes.length);
  }

  relay(message: WireMessage, bytes: number): void {
    this.pool.owner.stats.cxTxBytesTotal.inc(bytes);
    this.end!.write(message, bytes);
  }

  /** Closes for the downstream side; the callbacks hear nothing more. */
  override close(how: CloseKind = 'fin'): void {
    this.#callbacks = undefined;
    if (how === 'reset') this.end?.reset();
    super.close();
  }

  protected onApplicationMessage(message: WireMessage): void {
    const callbacks = this.#callbacks;
    if (!callbacks) return;
    if (callbacks.onMessage) callbacks.onMessage(message);
    else if (message.type === 'bytes') callbacks.onBytes((message as BytesMessage).bytes);
  }

  protected onRemoteFin(): void {
    this.#finSeen = true;
    this.closedByPeer();
  }

  override onClosed(end: ConnectionEnd, how: CloseKind): void {
    this.#finSeen = how === 'fin';
    super.onClosed(end, how);
  }

  protected breakStreams(): void {
    const callbacks = this.#callbacks;
    this.#callbacks = undefined;
    if (this.activeStreams > 0) this.pool.onStreamClosed(this);
    callbacks?.onClosed(this.#finSeen ? 'fin' : 'reset');
  }
}
