/**
 * WorkloadGroup's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/networking/workload-group/
 */
import { portNumber } from './port.ts';
import { integer, list, map, object, string, text } from './schema-node.ts';
import { rule } from './validation-rule.ts';
import { workloadTemplate } from './workload-entry.ts';

const count = integer({ minimum: 0 });
const annotations = map(string, { propertiesMax: 256 });

const probe = object(
  {
    exec: object({ command: list(text({ lengthMin: 1 })) }, { required: ['command'] }),
    failureThreshold: count,
    grpc: object({ port: portNumber, service: string }),
    httpGet: object(
      {
        host: string,
        httpHeaders: list(object({ name: text({ pattern: '^[-_A-Za-z0-9]+$' }), value: string })),
        path: string,
        port: portNumber,
        scheme: text({
          rules: [
            rule<string>(
              'self in ["", "HTTP", "HTTPS"]',
              'scheme must be one of [HTTP, HTTPS]',
              (self) => ['', 'HTTP', 'HTTPS'].includes(self),
            ),
          ],
        }),
      },
      { required: ['port'] },
    ),
    initialDelaySeconds: count,
    periodSeconds: count,
    successThreshold: count,
    tcpSocket: object({ host: string, port: portNumber }, { required: ['port'] }),
    timeoutSeconds: count,
  },
  { exclusive: [['httpGet', 'tcpSocket', 'exec', 'grpc']] },
);

export const workloadGroup = object(
  {
    metadata: object({ annotations, labels: annotations }),
    probe,
    template: workloadTemplate,
  },
  { required: ['template'] },
);
