/**
 * Models a request the proxy makes itself, for a filter: to a cluster, with a timeout, and its whole
 * answer or nothing.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/data_sharing_between_filters (async client)
 */
import type { Micros } from '../../sim/time.ts';
import type { UpstreamCallbacks, UpstreamStream } from '../upstream/contract.ts';
import type { HeaderMap } from './header-map.ts';
import type { HttpStream } from './stream.ts';

export interface CallResponse {
  readonly headers: HeaderMap;
  readonly body: string;
}

/** `done` hears the answer, or undefined when there is none; once. */
export function sendHttpCall(
  stream: HttpStream,
  clusterName: string,
  headers: HeaderMap,
  body: string,
  timeoutUs: Micros,
  done: (response: CallResponse | undefined) => void,
): void {
  const { proxy } = stream;
  const cluster = proxy.clusters.cluster(clusterName);
  if (!cluster) {
    done(undefined);
    return;
  }
  headers.set('x-envoy-internal', 'true');
  headers.set('x-envoy-expected-rq-timeout-ms', String(Math.ceil(timeoutUs / 1000)));
  const call = new Call(headers, body, done);
  const pending = cluster.newHttpStream(
    {
      context: {
        hashKey: undefined,
        metadataMatch: undefined,
        requestHeaders: headers,
        downstreamConnection: undefined,
        hostsTried: [],
        rejectHost: undefined,
        hostSelectionAttemptsMax: 1,
        prioritiesTried: [],
      },
      priority: 'default',
      downstreamVersion: 'HTTP/1.1',
      alpnOverride: undefined,
      requestedServerName: '',
      requestId: 0,
      journal: undefined,
    },
    call,
  );
  if (typeof pending === 'string') call.finish(undefined);
  else proxy.simulation.schedule(timeoutUs, giveUp, call, undefined);
}

class Call implements UpstreamCallbacks {
  readonly #headers: HeaderMap;
  readonly #body: string;
  readonly #done: (response: CallResponse | undefined) => void;
  #stream: UpstreamStream | undefined = undefined;
  #response: { headers: HeaderMap; body: string } | undefined = undefined;
  #isOver = false;

  constructor(
    headers: HeaderMap,
    body: string,
    done: (response: CallResponse | undefined) => void,
  ) {
    this.#headers = headers;
    this.#body = body;
    this.#done = done;
  }

  onPoolReady(stream: UpstreamStream): void {
    this.#stream = stream;
    stream.encodeHeaders(this.#headers, this.#body, true, undefined);
  }

  onPoolFailure(): void {
    this.finish(undefined);
  }

  onResponseHeaders(received: HeaderMap, body: string, endStream: boolean): void {
    const headers = received.copy();
    headers.set('x-envoy-upstream-service-time', '0');
    this.#response = { headers, body };
    if (endStream) this.finish(this.#response);
  }

  onResponseData(body: string, endStream: boolean): void {
    if (this.#response) this.#response.body += body;
    if (endStream) this.finish(this.#response);
  }

  onResponseTrailers(): void {
    this.finish(this.#response);
  }

  onReset(): void {
    this.finish(undefined);
  }

  giveUp(): void {
    if (this.#isOver) return;
    this.#stream?.reset();
    this.finish(undefined);
  }

  finish(response: CallResponse | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#done(response);
  }
}

function giveUp(call: Call): void {
  call.giveUp();
}
