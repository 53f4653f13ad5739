/**
 * Admission of PeerAuthentications.
 * Spec: https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
import type { PeerAuthenticationSpec } from '../kinds/peer-authentication.ts';
import { eachEntry, type Findings } from './findings.ts';
import { validateSelector } from './policy-attachment.ts';

const PORTS = ['spec', 'portLevelMtls'];
const PORT_MAX = 65_535;

export function validatePeerAuthentication(spec: PeerAuthenticationSpec, findings: Findings): void {
  const selectsNothing = Object.keys(spec.selector?.matchLabels ?? {}).length === 0;
  const ports = Object.keys(spec.portLevelMtls ?? {});
  if (selectsNothing && ports.length > 0)
    findings.error(PORTS, 'mesh/namespace peer authentication cannot have port level mTLS');
  if (spec.portLevelMtls && ports.length === 0)
    findings.error(PORTS, 'port level mTLS, if defined, must have at least one element');
  eachEntry(spec.portLevelMtls, PORTS, (_, at, port) => {
    if (Number(port) <= 0 || Number(port) > PORT_MAX)
      findings.error(at, 'port must be in range 1..65535');
  });
  validateSelector(spec.selector, ['spec', 'selector'], findings);
}
