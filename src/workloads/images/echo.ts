/**
 * Models an image that nobody here knows: it starts, listens on its containerPorts, and answers
 * with what it was asked. Bytes that are no HTTP come back as they went in.
 */
import type { BytesMessage } from '../../proxy/wire.ts';
import type { Application, ContainerContext } from '../application.ts';
import { WebApplication } from '../web-application.ts';

export function echo(context: ContainerContext): Application {
  const { pod, container } = context;
  return new WebApplication(context, {
    ports: container.ports.map((port) => port.containerPort),
    handler: (exchange) => {
      const body = { pod: pod.name, method: exchange.method, path: exchange.path };
      exchange.respond(200, [['content-type', 'application/json']], `${JSON.stringify(body)}\n`);
    },
    onBytes: (end, bytes) => {
      const echoed: BytesMessage = { type: 'bytes', bytes };
      end.write(echoed, bytes.length);
    },
  });
}
