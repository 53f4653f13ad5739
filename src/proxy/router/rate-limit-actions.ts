/**
 * Models rate limit actions: what of a request becomes a descriptor. An action that finds nothing
 * drops its whole descriptor.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-ratelimit
 */
import type { Message } from '../config/message.ts';
import type { HttpStream } from '../http/stream.ts';
import { compileHeaderMatcher } from '../matching/header-matcher.ts';
import { valueAt } from '../matching/value-matcher.ts';

export interface DescriptorEntry {
  readonly key: string;
  readonly value: string;
}

type Action = (stream: HttpStream) => DescriptorEntry | 'skip' | undefined;

export function compileDescriptors(
  rateLimits: readonly Message[],
): (stream: HttpStream) => DescriptorEntry[][] {
  const all = rateLimits.map((limit) => limit.messages('actions').map(compileAction));
  return (stream) =>
    all.map((actions) => descriptorOf(actions, stream)).filter((one) => one !== undefined);
}

function descriptorOf(
  actions: readonly Action[],
  stream: HttpStream,
): DescriptorEntry[] | undefined {
  const entries: DescriptorEntry[] = [];
  for (const action of actions) {
    const entry = action(stream);
    if (entry === undefined) return undefined;
    if (entry !== 'skip') entries.push(entry);
  }
  return entries.length > 0 ? entries : undefined;
}

function compileAction(action: Message): Action {
  const kind = action.oneof(
    'request_headers',
    'generic_key',
    'remote_address',
    'destination_cluster',
    'header_value_match',
    'metadata',
    'dynamic_metadata',
  );
  const inner = kind ? action.messageOrEmpty(kind) : action;
  switch (kind) {
    case 'request_headers': {
      const name = inner.text('header_name').toLowerCase();
      const key = inner.text('descriptor_key');
      const skips = inner.flag('skip_if_absent');
      return ({ headers }) => {
        const value = headers.get(name);
        return value === undefined ? (skips ? 'skip' : undefined) : { key, value };
      };
    }
    case 'generic_key': {
      const entry = {
        key: inner.text('descriptor_key') || 'generic_key',
        value: inner.text('descriptor_value'),
      };
      return () => entry;
    }
    case 'remote_address':
      return ({ info }) => ({ key: 'remote_address', value: info.remoteAddress });
    case 'destination_cluster':
      return ({ info }) => ({ key: 'destination_cluster', value: info.cluster });
    case 'header_value_match': {
      const matchers = inner.messages('headers').map(compileHeaderMatcher);
      const expected = inner.boolean('expect_match') ?? true;
      const entry = {
        key: inner.text('descriptor_key') || 'header_match',
        value: inner.text('descriptor_value'),
      };
      return ({ headers }) =>
        matchers.every((one) => one.matches(headers)) === expected ? entry : undefined;
    }
    default: {
      const source = inner.messageOrEmpty('metadata_key');
      const path = source.messages('path').map((segment) => segment.text('key'));
      const key = inner.text('descriptor_key');
      return ({ info }) => {
        const value = valueAt(info.dynamicMetadata?.[source.text('key')], path);
        return typeof value === 'string' ? { key, value } : undefined;
      };
    }
  }
}
