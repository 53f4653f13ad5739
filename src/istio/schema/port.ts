/**
 * Ports of servers, listeners and destinations.
 * Spec: https://istio.io/latest/docs/reference/config/networking/gateway/#Port
 */
import { integer, object, string, uint32 } from './schema-node.ts';
import { rule } from './validation-rule.ts';

const PORT_MAX = 65_535;

export const portInRange = rule<number>(
  '0 < self && self <= 65535',
  'port must be between 1-65535',
  (self) => 0 < self && self <= PORT_MAX,
);

/** A uint32 whose value must be a port. */
export const portNumber = integer({ minimum: 0, maximum: 4_294_967_295, rules: [portInRange] });

export const portFields = {
  name: string,
  number: uint32,
  protocol: string,
  targetPort: uint32,
};

export const portSelector = object({ number: uint32 });
