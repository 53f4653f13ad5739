/**
 * Models what a client is told when no try could begin: nobody healthy, maintenance, shed load.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/response_code_details
 */
import type { LocalReply } from '../http/local-answer.ts';
import type { StreamRefusal } from '../upstream/contract.ts';

export function refusalReply(why: StreamRefusal, suppressesEnvoyHeaders: boolean): LocalReply {
  const marked = (name: string) => ({
    headers: (headers: { set(name: string, value: string): void }) => {
      if (!suppressesEnvoyHeaders) headers.set(name, 'true');
    },
  });
  switch (why) {
    case 'no-healthy-upstream':
      return {
        status: 503,
        body: 'no healthy upstream',
        details: 'no_healthy_upstream',
        flag: 'UH',
      };
    case 'maintenance':
      return {
        status: 503,
        body: 'maintenance mode',
        details: 'maintenance_mode',
        flag: 'UO',
        ...marked('x-envoy-overloaded'),
      };
    case 'drop-overload':
      return {
        status: 503,
        body: 'unconditional drop overload',
        details: 'unconditional_drop_overload',
        flag: 'UDO',
        ...marked('x-envoy-unconditional-drop-overload'),
      };
  }
}
