/**
 * Admission of TrafficExtensions.
 * Spec: https://istio.io/latest/docs/reference/config/proxy_extensions/
 */
import type { TrafficExtensionSpec } from '../kinds/traffic-extension.ts';
import type { Findings } from './findings.ts';
import { validateAttachment } from './policy-attachment.ts';
import { validateTrafficSelectors, validateWasmModule } from './wasm-plugin.ts';

const CODE_LENGTH_MAX = 65_536;

export function validateTrafficExtension(spec: TrafficExtensionSpec, findings: Findings): void {
  const { wasm, lua } = spec;
  if (Boolean(wasm) === Boolean(lua))
    findings.error(['spec'], 'exactly one of wasm or lua must be set');
  validateAttachment(spec, findings);
  if (lua) {
    const length = lua.inlineCode?.length ?? 0;
    if (length === 0)
      findings.error(['spec', 'lua', 'inlineCode'], 'lua.inlineCode cannot be empty');
    if (length > CODE_LENGTH_MAX)
      findings.error(['spec', 'lua', 'inlineCode'], 'lua.inlineCode exceeds maximum size of 64KB');
  }
  if (wasm) validateWasmModule(wasm, ['spec', 'wasm'], findings);
  validateTrafficSelectors(spec.match, findings);
}
