/**
 * Where traffic is sent.
 * Spec: https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination
 */
import { portSelector } from './port.ts';
import { double, object, string } from './schema-node.ts';

export const destination = object(
  { host: string, port: portSelector, subset: string },
  { required: ['host'] },
);

export const percent = object({ value: double });
