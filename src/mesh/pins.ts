/** Models the pins of the time strip: what of the trace a person wants to be told. */
import type { Pin } from '../protocol/frame.ts';
import type { EventKind, Trace } from '../sim/trace.ts';
import type { Micros } from '../sim/time.ts';

const PINS_MAX = 5_000;

export class Pins {
  readonly #trace: Trace;
  #new: Pin[] = [];
  #version = '';

  /** Begins to listen to the trace. */
  constructor(trace: Trace) {
    this.#trace = trace;
    trace.subscribe((kind, time, a, b, c, d) => this.#heard(kind, time, a, b, c, d));
  }

  add(pin: Pin): void {
    if (this.#new.length < PINS_MAX) this.#new.push(pin);
  }

  /** Those since the last call. */
  take(): readonly Pin[] {
    const taken = this.#new;
    this.#new = [];
    return taken;
  }

  /** One pin for all the proxies to which a version goes. */
  #pushed(timeUs: Micros, version: string): void {
    if (version === this.#version) return;
    this.#version = version;
    this.add({ timeUs, kind: 'push', details: { version } });
  }

  #heard(kind: EventKind, timeUs: Micros, a: number, b: number, c: number, d: number): void {
    const text = (number: number) => this.#trace.text(number);
    switch (kind.name) {
      case 'xds.push':
        this.#pushed(timeUs, text(c));
        return;
      case 'xds.nack':
        this.add({
          timeUs,
          kind: 'nack',
          details: { pod: podOf(text(a)), type: text(b), why: text(d) },
        });
        return;
      case 'host.ejected':
        this.add({
          timeUs,
          kind: 'ejected',
          details: { pod: text(a), cluster: text(b), host: text(c), untilUs: d },
        });
        return;
      case 'host.unejected':
        this.add({
          timeUs,
          kind: 'unejected',
          details: { pod: text(a), cluster: text(b), host: text(c) },
        });
        return;
      case 'pod.phase':
        this.add({ timeUs, kind: 'pod', details: { pod: text(a), phase: text(b) } });
        return;
      default:
        return;
    }
  }
}

/** "sidecar~10.1.2.3~POD.NS~domain" → "POD.NS". */
function podOf(node: string): string {
  return node.split('~')[2] ?? node;
}
