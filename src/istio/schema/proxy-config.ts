/**
 * ProxyConfig's structural schema.
 * Spec: https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
import { integer, map, object, string, text } from './schema-node.ts';
import { workloadSelector } from './selector.ts';

export const proxyConfig = object({
  concurrency: integer({ minimum: 0, nullable: true }),
  environmentVariables: map(text({ lengthMax: 2048 })),
  image: object({ imageType: string }),
  selector: workloadSelector,
});
