/**
 * Gateway: ports that a load balancer at the edge of the mesh listens on.
 * Spec: https://istio.io/latest/docs/reference/config/networking/gateway/
 */
import type { IstioObject } from './istio-object.ts';
import type { Port } from './port.ts';
import type { ServerTls } from './server-tls.ts';

export type Gateway = IstioObject<GatewaySpec>;

export interface GatewaySpec {
  readonly servers?: readonly Server[];
  readonly selector?: Readonly<Record<string, string>>;
}

export interface Server {
  readonly port: Port;
  readonly bind?: string;
  readonly hosts: readonly string[];
  readonly tls?: ServerTls;
  readonly defaultEndpoint?: string;
  readonly name?: string;
}
