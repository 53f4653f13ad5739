/** Reads Envoy's own test vectors of load balancing; undefined where they are absent. */
import fs from 'node:fs';
import { NO_LOCALITY, Host } from '../../../src/proxy/upstream/host.ts';
import { sharedFolder } from '../../support/shared-data.ts';

export function vectors<T>(file: string): T | undefined {
  const path = sharedFolder(`conformance/envoy/${file}`);
  return path === undefined ? undefined : (JSON.parse(fs.readFileSync(path, 'utf8')) as T);
}

/** A host at "127.0.0.1:90", or with a hostname alone when the text is no address. */
export function hostAt(text: string, weight = 1, more: Partial<Host> = {}): Host {
  const [ip = '', port = '80'] = text.includes(':') ? text.split(':') : ['127.0.0.1', '80'];
  const host = new Host({
    socket: { ip, port: Number(port) },
    hostname: text,
    locality: NO_LOCALITY,
    priority: 0,
    weight,
    metadata: {},
    edsFlags: 0,
    healthCheckPort: undefined,
    healthCheckHostname: '',
    isHealthCheckDisabled: false,
  });
  return Object.assign(host, more);
}
