/**
 * Models stateful sessions: a client that shows an address gets that host, if it is still there.
 *
 * Spec: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/stateful_session_filter.
 * Simplified: a strict session whose host is gone is answered 503.
 */
import type { Message } from '../config/message.ts';
import type { FilterFactory, FilterStatus, HttpFilter } from '../http/http-filter.ts';
import type { HttpStream } from '../http/stream.ts';
import { compileSessionState, type SessionState } from './session-state.ts';

interface Sessions {
  /** Undefined: no sessions here. */
  readonly state: SessionState | undefined;
  readonly isStrict: boolean;
}

function compileSessions(config: Message): Sessions {
  const typed = config.message('session_state')?.any('typed_config');
  return { state: typed && compileSessionState(typed), isStrict: config.flag('strict') };
}

/** What the response must be told, unless it is the same host. */
interface Shown {
  readonly state: SessionState;
  readonly address: string | undefined;
}

class StatefulSession implements HttpFilter {
  readonly name: string;
  readonly #sessions: Sessions;

  constructor(name: string, config: Message) {
    this.name = name;
    this.#sessions = compileSessions(config);
  }

  decode(stream: HttpStream): FilterStatus {
    const perRoute = stream.routeConfig(this.name) as Sessions | undefined;
    const { state, isStrict } = perRoute ?? this.#sessions;
    if (!state?.appliesTo(stream.headers.get(':path') ?? '')) return 'continue';
    const address = state.read(stream.headers, stream.proxy.simulation.now);
    stream.remember(this, { state, address } satisfies Shown);
    if (address !== undefined) stream.overrideHost = { address, isStrict };
    return 'continue';
  }

  encode(stream: HttpStream): void {
    const shown = stream.recall(this) as Shown | undefined;
    const address = stream.info.upstreamHost?.address;
    if (!shown || address === undefined || address === shown.address) return;
    shown.state.write(stream.responseHeaders!, address, stream.proxy.simulation.now);
  }
}

const NONE: Sessions = { state: undefined, isStrict: false };

export const statefulSession: FilterFactory = {
  types: ['envoy.extensions.filters.http.stateful_session.v3.StatefulSession'],
  routeTypes: ['envoy.extensions.filters.http.stateful_session.v3.StatefulSessionPerRoute'],
  create: (name, config) => new StatefulSession(name, config),
  compileRoute: (config) =>
    config.flag('disabled') ? NONE : compileSessions(config.messageOrEmpty('stateful_session')),
};
