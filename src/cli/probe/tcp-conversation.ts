/** Sends bytes over a TCP connection and waits for what comes back. */
import type { BytesMessage, Wire } from '../../proxy/wire.ts';
import type { SocketAddress } from '../../sim/network/address.ts';
import type {
  CloseKind,
  ConnectFailure,
  ConnectionEnd,
  ConnectionHandler,
  WireMessage,
} from '../../sim/network/connection.ts';
import type { NetworkNamespace } from '../../sim/network/namespace.ts';
import { MS, SECOND, type Micros } from '../../sim/time.ts';
import { errorText } from './error-text.ts';

/** After the first bytes of an answer: there might be more. */
const QUIET_US = 100 * MS;
const PATIENCE_US = 10 * SECOND;

type OnDone = (received: string | undefined, error: string | undefined) => void;

/** `onDone` hears once: what came back until it was quiet or closed, or what went wrong. */
export function converse(
  network: NetworkNamespace,
  to: SocketAddress,
  bytes: string,
  onDone: OnDone,
): void {
  network.connect(to, new Conversation(bytes, onDone));
}

class Conversation implements ConnectionHandler {
  readonly #bytes: string;
  readonly #onDone: OnDone;
  #received = '';
  #isOver = false;

  constructor(bytes: string, onDone: OnDone) {
    this.#bytes = bytes;
    this.#onDone = onDone;
  }

  onConnected(end: ConnectionEnd): void {
    const message: BytesMessage = { type: 'bytes', bytes: this.#bytes };
    end.write(message, message.bytes.length);
    this.#closeAfter(end, PATIENCE_US);
  }

  onConnectFailed(_end: ConnectionEnd, reason: ConnectFailure): void {
    this.#finish(undefined, errorText(reason === 'timed-out' ? 'timeout' : reason));
  }

  onMessage(end: ConnectionEnd, message: WireMessage): void {
    if (this.#received === '') this.#closeAfter(end, QUIET_US);
    this.#received += textOf(message as Wire);
  }

  onClosed(end: ConnectionEnd, how: CloseKind): void {
    end.close();
    if (how === 'reset' && this.#received === '') this.#finish(undefined, errorText('reset'));
    else this.#finish(this.#received, undefined);
  }

  #closeAfter(end: ConnectionEnd, wait: Micros): void {
    const close = (): void => {
      end.close();
      this.#finish(this.#received, undefined);
    };
    end.namespace.network.simulation.schedule(wait, close, undefined, undefined);
  }

  #finish(received: string | undefined, error: string | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onDone(received, error);
  }
}

/** What a raw TCP client reads of a message: of an HTTP answer its text. */
function textOf(message: Wire): string {
  if (message.type === 'bytes') return message.bytes;
  if (message.type !== 'response') return '';
  const status = Number(message.headers.get(':status'));
  const lines = [`HTTP/1.1 ${status} ${status === 400 ? 'Bad Request' : ''}`.trimEnd()];
  for (const [name, value] of message.headers.entries())
    if (!name.startsWith(':')) lines.push(`${name}: ${name === 'date' ? '*' : value}`);
  return `${lines.join('\r\n')}\r\n\r\n${message.body}`;
}
