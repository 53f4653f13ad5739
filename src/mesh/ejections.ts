/** Models which hosts which proxies have ejected just now, as the trace tells it. */
import { HOST_EJECTED, HOST_UNEJECTED } from '../proxy/upstream/outlier-detection.ts';
import type { Trace } from '../sim/trace.ts';
import type { Micros } from '../sim/time.ts';

export interface Ejection {
  /** The pod whose proxy ejected it. */
  readonly pod: string;
  readonly untilUs: Micros;
}

export class Ejections {
  /** By the host's IP, then by proxy and cluster. */
  readonly #byIp = new Map<string, Map<string, Ejection>>();

  constructor(trace: Trace, changed: () => void) {
    trace.subscribe((kind, _time, node, cluster, host, untilUs) => {
      if (kind !== HOST_EJECTED && kind !== HOST_UNEJECTED) return;
      const ip = trace.text(host).split(':')[0] ?? '';
      const key = `${trace.text(node)}|${trace.text(cluster)}`;
      const known = this.#byIp.get(ip) ?? new Map<string, Ejection>();
      this.#byIp.set(ip, known);
      if (kind === HOST_EJECTED) known.set(key, { pod: trace.text(node), untilUs });
      else known.delete(key);
      changed();
    });
  }

  of(ip: string): readonly Ejection[] {
    return [...(this.#byIp.get(ip)?.values() ?? [])];
  }

  /** The address belongs to nobody any more. */
  forget(ip: string): void {
    this.#byIp.delete(ip);
  }
}
