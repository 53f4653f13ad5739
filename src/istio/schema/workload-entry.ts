/**
 * WorkloadEntry's structural schema, which ServiceEntry and WorkloadGroup share.
 * Spec: https://istio.io/latest/docs/reference/config/networking/workload-entry/
 */
import type { WorkloadEntrySpec } from '../kinds/workload-entry.ts';
import { portNumber } from './port.ts';
import { map, object, string, text, uint32 } from './schema-node.ts';
import { rule } from './validation-rule.ts';

const UNIX_SOCKET = 'unix://';
const PORT_NAME = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const PORT_NAME_LENGTH_MAX = 63;

const fields = {
  address: text({
    lengthMax: 256,
    rules: [
      rule<string>(
        'self.startsWith("unix://") ? (self.substring(7, 8) == "/" || self.substring(7, 8) == "@") : true',
        'UDS must be an absolute path or abstract socket',
        (self) => !self.startsWith(UNIX_SOCKET) || ['/', '@'].includes(self.charAt(7)),
      ),
      rule<string>(
        'self.startsWith("unix://") ? !self.endsWith("/") : true',
        'UDS may not be a dir',
        (self) => !self.startsWith(UNIX_SOCKET) || !self.endsWith('/'),
      ),
    ],
  }),
  labels: map(string, { propertiesMax: 256 }),
  locality: text({ lengthMax: 2048 }),
  network: text({ lengthMax: 2048 }),
  ports: map(portNumber, {
    propertiesMax: 128,
    rules: [
      rule<object>(
        'self.all(key, size(key) < 63 && key.matches("^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$"))',
        'port name must be valid',
        (self) =>
          Object.keys(self).every(
            (key) => key.length < PORT_NAME_LENGTH_MAX && PORT_NAME.test(key),
          ),
      ),
    ],
  }),
  serviceAccount: text({ lengthMax: 253 }),
  weight: uint32,
};

const hasAddress = rule<WorkloadEntrySpec>(
  'has(self.address) || has(self.network)',
  'Address is required',
  (self) => self.address !== undefined || self.network !== undefined,
);
const socketHasNoPorts = rule<WorkloadEntrySpec>(
  '(has(self.address) ? self.address : "").startsWith("unix://") ? !has(self.ports) : true',
  'UDS may not include ports',
  (self) => !(self.address ?? '').startsWith(UNIX_SOCKET) || self.ports === undefined,
);

export const workloadEntry = object(fields, { rules: [hasAddress, socketHasNoPorts] });

/** What a WorkloadGroup makes entries from: the address comes with the workload. */
export const workloadTemplate = object(fields, { rules: [socketHasNoPorts] });
