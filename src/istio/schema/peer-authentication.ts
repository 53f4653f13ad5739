/**
 * PeerAuthentication's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
import type { PeerAuthenticationSpec } from '../kinds/peer-authentication.ts';
import { map, object, oneOf } from './schema-node.ts';
import { workloadSelector } from './selector.ts';
import { EvaluationError, rule } from './validation-rule.ts';

const PORT_MAX = 65_535;
const mutualTls = object({ mode: oneOf('UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT') });

const keysArePorts = rule<object>(
  'self.all(key, 0 < int(key) && int(key) <= 65535)',
  'port must be between 1-65535',
  (self) => {
    const keys = Object.keys(self);
    if (keys.some((key) => /^[+-]?\d+$/.test(key) && (Number(key) <= 0 || Number(key) > PORT_MAX)))
      return false;
    if (keys.every((key) => /^[+-]?\d+$/.test(key))) return true;
    return new EvaluationError("type conversion error from 'string' to 'int'");
  },
);

const portsNeedSelector = rule<PeerAuthenticationSpec>(
  'has(self.portLevelMtls) ? (((has(self.selector) && has(self.selector.matchLabels)) ? self.selector.matchLabels : {}).size() > 0) : true',
  'portLevelMtls requires selector',
  (self) =>
    self.portLevelMtls === undefined || Object.keys(self.selector?.matchLabels ?? {}).length > 0,
);

export const peerAuthentication = object(
  {
    mtls: mutualTls,
    portLevelMtls: map(mutualTls, { propertiesMin: 1, rules: [keysArePorts] }),
    selector: workloadSelector,
  },
  { rules: [portsNeedSelector] },
);
