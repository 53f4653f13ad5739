/**
 * Models DataSource: a text given inline.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-datasource
 * Simplified: nothing is read from files or the environment; both are empty.
 */
import { base64Bytes } from './base64.ts';
import type { Message } from './message.ts';

export function dataSourceText(source: Message | undefined): string {
  if (!source) return '';
  if (source.has('inline_bytes')) return decodeBase64(source.text('inline_bytes'));
  return source.text('inline_string');
}

function decodeBase64(text: string): string {
  const bytes = base64Bytes(text);
  return bytes ? new TextDecoder().decode(bytes) : '';
}
