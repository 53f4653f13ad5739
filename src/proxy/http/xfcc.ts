/**
 * Models x-forwarded-client-cert: what the proxy tells the application of the client's certificate.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert
 */
import type { Message } from '../config/message.ts';
import type { DownstreamTls } from '../stream-info.ts';
import type { HeaderMap } from './header-map.ts';

export type ForwardClientCert =
  'sanitize' | 'forward-only' | 'append-forward' | 'sanitize-set' | 'always-forward-only';

const MODES: Readonly<Record<string, ForwardClientCert>> = {
  SANITIZE: 'sanitize',
  FORWARD_ONLY: 'forward-only',
  APPEND_FORWARD: 'append-forward',
  SANITIZE_SET: 'sanitize-set',
  ALWAYS_FORWARD_ONLY: 'always-forward-only',
};

export interface XfccConfig {
  readonly mode: ForwardClientCert;
  readonly cert: boolean;
  readonly chain: boolean;
  readonly subject: boolean;
  readonly uri: boolean;
  readonly dns: boolean;
  /** The element of a connection's clients, joined once for all of its requests. */
  readonly elements: WeakMap<DownstreamTls, string>;
}

export function compileXfcc(manager: Message): XfccConfig {
  const details = manager.messageOrEmpty('set_current_client_cert_details');
  return {
    mode: MODES[manager.text('forward_client_cert_details')] ?? 'sanitize',
    cert: details.flag('cert'),
    chain: details.flag('chain'),
    subject: details.flag('subject'),
    uri: details.flag('uri'),
    dns: details.flag('dns'),
    elements: new WeakMap(),
  };
}

const NAME = 'x-forwarded-client-cert';

export function mutateXfcc(
  headers: HeaderMap,
  config: XfccConfig,
  tls: DownstreamTls | undefined,
): void {
  if (config.mode === 'always-forward-only') return;
  if (config.mode === 'sanitize' || !tls?.peerPresented) {
    headers.remove(NAME);
    return;
  }
  if (config.mode === 'forward-only') return;
  let element = config.elements.get(tls);
  if (element === undefined) config.elements.set(tls, (element = elementOf(config, tls)));
  const before = config.mode === 'append-forward' ? headers.get(NAME) : undefined;
  headers.set(NAME, before ? `${before},${element}` : element);
}

function elementOf(config: XfccConfig, tls: DownstreamTls): string {
  const parts: string[] = [];
  if (tls.localUriSans[0]) parts.push(`By=${tls.localUriSans[0]}`);
  if (tls.peerFingerprint) parts.push(`Hash=${tls.peerFingerprint}`);
  if (config.cert) parts.push(`Cert="${encodeURIComponent(tls.peerCertificate)}"`);
  if (config.chain) parts.push(`Chain="${encodeURIComponent(tls.peerChain)}"`);
  if (config.subject) parts.push(`Subject="${tls.peerSubject}"`);
  if (config.uri) parts.push(...orEmpty(tls.peerUriSans).map((san) => `URI=${san}`));
  if (config.dns) parts.push(...tls.peerDnsSans.map((san) => `DNS=${san}`));
  return parts.join(';');
}

function orEmpty(sans: readonly string[]): readonly string[] {
  return sans.length > 0 ? sans : [''];
}
