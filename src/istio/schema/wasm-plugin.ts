/**
 * WasmPlugin's structural schema, whose parts TrafficExtension shares.
 * Spec: https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
 */
import { attachmentFields, oneAttachment } from './policy-attachment.ts';
import { anything, integer, list, object, oneOf, string, text } from './schema-node.ts';
import { urlScheme } from './url.ts';
import { rule } from './validation-rule.ts';

const SCHEMES = ['', 'http', 'https', 'oci', 'file'];

function hasModuleScheme(url: string): boolean {
  const scheme = urlScheme(url) ?? urlScheme(`http://${url}`);
  return scheme !== undefined && SCHEMES.includes(scheme);
}

interface EnvironmentVariable {
  readonly valueFrom?: string;
  readonly value?: string;
}

const environmentVariable = object(
  {
    name: text({ lengthMin: 1, lengthMax: 256 }),
    value: text({ lengthMax: 2048 }),
    valueFrom: oneOf('INLINE', 'HOST'),
  },
  {
    required: ['name'],
    rules: [
      rule<EnvironmentVariable>(
        '(has(self.valueFrom) ? self.valueFrom : "") != "HOST" || !has(self.value)',
        'value may only be set when valueFrom is INLINE',
        (self) => self.valueFrom !== 'HOST' || self.value === undefined,
      ),
    ],
  },
);

export const trafficSelectors = list(
  object({
    mode: oneOf('UNDEFINED', 'CLIENT', 'SERVER', 'CLIENT_AND_SERVER'),
    ports: list(
      object({ number: integer({ minimum: 1, maximum: 65_535 }) }, { required: ['number'] }),
      { listMapKey: 'number' },
    ),
  }),
);

/** The module and how it is fetched; `schemes` is the list as the CRD spells it. */
export function moduleFields(schemes: string) {
  return {
    failStrategy: oneOf('FAIL_CLOSE', 'FAIL_OPEN', 'FAIL_RELOAD'),
    imagePullPolicy: oneOf('UNSPECIFIED_POLICY', 'IfNotPresent', 'Always'),
    imagePullSecret: text({ lengthMin: 1, lengthMax: 253 }),
    pluginConfig: anything,
    pluginName: text({ lengthMin: 1, lengthMax: 256 }),
    sha256: text({ pattern: '(^$|^[a-f0-9]{64}$)' }),
    type: oneOf('UNSPECIFIED_PLUGIN_TYPE', 'HTTP', 'NETWORK'),
    url: text({
      lengthMin: 1,
      rules: [
        rule<string>(
          `isURL(self) ? (url(self).getScheme() in [${schemes}]) : (isURL("http://" + self) &&\nurl("http://" + self).getScheme() in [${schemes}])`,
          'url must have schema one of [http, https, file, oci]',
          hasModuleScheme,
        ),
      ],
    }),
    verificationKey: string,
    vmConfig: object({ env: list(environmentVariable, { itemsMax: 256, listMapKey: 'name' }) }),
  };
}

export const wasmPlugin = object(
  {
    ...attachmentFields,
    ...moduleFields('"", "http", "https", "oci", "file"'),
    match: trafficSelectors,
    phase: oneOf('UNSPECIFIED_PHASE', 'AUTHN', 'AUTHZ', 'STATS'),
    priority: integer({ nullable: true }),
  },
  { required: ['url'], rules: [oneAttachment] },
);
