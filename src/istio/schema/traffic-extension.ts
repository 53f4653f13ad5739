/**
 * TrafficExtension's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/proxy_extensions/
 */
import { integer, object, oneOf, text } from './schema-node.ts';
import { targetReferences, workloadSelector } from './selector.ts';
import { atMostOne, rule } from './validation-rule.ts';
import { moduleFields, trafficSelectors } from './wasm-plugin.ts';

const lua = object(
  { inlineCode: text({ lengthMin: 1, lengthMax: 65_536 }) },
  { required: ['inlineCode'] },
);
const wasm = object(moduleFields('"", "http", "https", "file", "oci"'), { required: ['url'] });

interface Extension {
  readonly wasm?: object;
  readonly lua?: object;
}

export const trafficExtension = object(
  {
    lua,
    match: trafficSelectors,
    phase: oneOf('UNSPECIFIED', 'AUTHN', 'AUTHZ', 'STATS'),
    priority: integer({ nullable: true }),
    selector: workloadSelector,
    targetRefs: targetReferences,
    wasm,
  },
  {
    exclusive: [['wasm', 'lua']],
    rules: [
      atMostOne('only one of targetRefs or selector can be set', 'selector', 'targetRefs'),
      rule<Extension>(
        'has(self.wasm) != has(self.lua)',
        'exactly one of wasm or lua must be set',
        (self) => (self.wasm !== undefined) !== (self.lua !== undefined),
      ),
    ],
  },
);
