/**
 * Models Istio's helloworld: says which version and which pod answered.
 *
 * Spec: istio/istio samples/helloworld/src/app.py.
 */
import { MS } from '../../sim/time.ts';
import type { Application, ContainerContext } from '../application.ts';
import { pathOnly } from '../http/url.ts';
import { WebApplication } from '../web-application.ts';
import { after } from './bookinfo.ts';

const TEXT = [['content-type', 'text/html; charset=utf-8']] as const;

export function helloworld(imageVersion: string) {
  return (context: ContainerContext): Application => {
    const version = context.container.env.get('SERVICE_VERSION') ?? imageVersion;
    return new WebApplication(context, {
      ports: [context.container.ports[0]?.containerPort ?? 5000],
      handler: (exchange) => {
        const path = pathOnly(exchange.path);
        const hello = `Hello version: ${version}, instance: ${context.pod.name}\n`;
        if (path === '/health') exchange.respond(200, TEXT, 'Helloworld is healthy');
        else if (path !== '/hello') exchange.respond(404, TEXT, 'Not Found');
        else after(context, 10 * MS, () => exchange.respond(200, TEXT, hello));
      },
    });
  };
}
