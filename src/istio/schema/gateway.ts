/**
 * Gateway's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/networking/gateway/
 */
import { portFields } from './port.ts';
import { list, object, string, stringMap, strings } from './schema-node.ts';
import { serverTls } from './server-tls.ts';

export const gateway = object({
  selector: stringMap,
  servers: list(
    object(
      {
        bind: string,
        defaultEndpoint: string,
        hosts: strings,
        name: string,
        port: object(portFields, { required: ['number', 'protocol', 'name'] }),
        tls: serverTls,
      },
      { required: ['port', 'hosts'] },
    ),
  ),
});
