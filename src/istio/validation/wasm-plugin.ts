/**
 * Admission of WasmPlugins, whose checks TrafficExtensions share.
 * Spec: https://istio.io/latest/docs/reference/config/proxy_extensions/wasm-plugin/
 */
import type { ValuePath } from '../../kube/yaml/documents.ts';
import type { WasmModule } from '../kinds/traffic-extension.ts';
import type { WasmPluginSpec } from '../kinds/wasm-plugin.ts';
import { urlScheme } from '../schema/url.ts';
import type { Findings } from './findings.ts';
import { quoted } from './go-format.ts';
import { validateAttachment } from './policy-attachment.ts';

const SCHEMES = ['', 'file', 'http', 'https', 'oci'];
const SHA256_LENGTH = 64;
const SECRET_LENGTH_MAX = 253;
const NAME_LENGTH_MAX = 256;
const PORT_MAX = 65_535;

export function validateWasmPlugin(spec: WasmPluginSpec, findings: Findings): void {
  validateAttachment(spec, findings);
  validateWasmModule(spec, ['spec'], findings);
  validateTrafficSelectors(spec.match, findings);
}

export function validateWasmModule(module: WasmModule, path: ValuePath, findings: Findings): void {
  findings.check([...path, 'url'], moduleUrlProblem(module.url ?? ''));
  findings.check([...path, 'sha256'], sha256Problem(module.sha256 ?? ''));
  if ((module.imagePullSecret?.length ?? 0) > SECRET_LENGTH_MAX)
    findings.error(
      [...path, 'imagePullSecret'],
      'imagePullSecret field must be less than 253 characters long',
    );
  if ((module.pluginName?.length ?? 0) > NAME_LENGTH_MAX) {
    const limit = path.length > 1 ? NAME_LENGTH_MAX : NAME_LENGTH_MAX - 1;
    findings.error(
      [...path, 'pluginName'],
      `pluginName field must be less than ${limit} characters long`,
    );
  }
  findings.check([...path, 'vmConfig', 'env'], environmentProblem(module.vmConfig));
}

export function validateTrafficSelectors(
  selectors: WasmPluginSpec['match'],
  findings: Findings,
): void {
  for (const [index, selector] of (selectors ?? []).entries()) {
    const at = ['spec', 'match', index];
    if (!selector) {
      findings.error(at, `spec.Match[${index}] is nil`);
      return;
    }
    for (const [portIndex, port] of (selector.ports ?? []).entries()) {
      const number = port?.number ?? 0;
      if (port && number > 0 && number <= PORT_MAX) continue;
      const where = `spec.Match[${index}].Ports[${portIndex}]`;
      findings.error(
        [...at, 'ports', portIndex],
        port ? `${where} is out of range: ${number}` : `${where} is nil`,
      );
      return;
    }
  }
}

function moduleUrlProblem(url: string): string | undefined {
  if (url === '') return 'url field needs to be set';
  const scheme = urlScheme(url) ?? urlScheme(`http://${url}`);
  if (scheme === undefined)
    return `failed to parse url: parse ${quoted(url)}: invalid URI for request`;
  return SCHEMES.includes(scheme) ? undefined : `url contains unsupported scheme: ${scheme}`;
}

function sha256Problem(sum: string): string | undefined {
  if (sum === '') return undefined;
  if (sum.length !== SHA256_LENGTH) return `sha256 field must be ${SHA256_LENGTH} characters long`;
  return /^[a-f0-9]*$/.test(sum) ? undefined : 'sha256 field must match [a-f0-9]{64} pattern';
}

function environmentProblem(vm: WasmPluginSpec['vmConfig']): string | undefined {
  const names = new Set<string>();
  for (const variable of vm?.env ?? []) {
    if (!variable) continue;
    const { name = '', value = '', valueFrom = 'INLINE' } = variable;
    if (name === '') return 'spec.vmConfig.env invalid';
    if (name.length > NAME_LENGTH_MAX)
      return 'env.name field must be less than 255 characters long';
    if (names.has(name)) return 'duplicate env';
    names.add(name);
    if (valueFrom !== 'INLINE' && value !== '')
      return 'value may only be set when valueFrom is INLINE';
  }
  return undefined;
}
