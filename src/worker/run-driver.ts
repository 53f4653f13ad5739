/**
 * Drives one session for a page: paces virtual time against a clock it is given, turns commands
 * into actions and the mesh's state into events. Knows no worker and no page, so that the same code
 * runs in a worker, on the page's own thread and in a test.
 */
import { EngineError } from '../sim/assertion.ts';
import { MS, type Micros } from '../sim/time.ts';
import { Session } from '../mesh/session.ts';
import { PROTOCOL_VERSION, type Action, type Command, type Event } from '../protocol/messages.ts';

/** Real time, as far as pacing needs it. */
export interface PacingClock {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Calls back after about `ms`; the returned function takes it back. */
  later(ms: number, callback: () => void): () => void;
}

type EventBody = Event extends infer E ? (E extends unknown ? Omit<E, 'runId'> : never) : never;
export type Post = (event: Event, transfer: Transferable[]) => void;

const FRAME_MS = 1000 / 60;
/** How much of a frame's time the engine may use before it must let messages in. */
const BUDGET_MS = 12;
const SLICE_EVENTS = 2_000;
const IDLE_EVENTS = 500;
const SPEED_MIN = 0.01;
const SPEED_MAX = 100;

export class RunDriver {
  readonly #post: Post;
  readonly #clock: PacingClock;
  #runId = '';
  #seed = 0;
  #session: Session | undefined;
  #playing = false;
  #speed = 1;
  /** The virtual time that should be reached by now, and the real time when that was computed. */
  #dueUs: Micros = 0;
  #dueAtMs = 0;
  #cancelNext: (() => void) | undefined;
  /** A replay under way; commands that need the present moment finish it first. */
  #travel: Generator<number> | undefined;
  #topologyRevision = -1;
  #propagationRevision = -1;

  constructor(post: Post, clock: PacingClock) {
    this.#post = post;
    this.#clock = clock;
  }

  receive(command: Command): void {
    if (command.type !== 'open' && command.runId !== this.#runId) return;
    try {
      this.#handle(command);
    } catch (error) {
      this.#crash(error);
    }
  }

  #handle(command: Command): void {
    switch (command.type) {
      case 'open':
        this.#open(command);
        return;
      case 'close':
        this.#close();
        return;
      case 'act':
        this.#act(command.action, command.requestId);
        return;
      case 'play':
        this.#setPlaying(true);
        return;
      case 'pause':
        this.#setPlaying(false);
        return;
      case 'speed':
        this.#speed = Math.min(SPEED_MAX, Math.max(SPEED_MIN, command.factor));
        this.#rebase();
        this.#sendState();
        return;
      case 'step':
        this.#setPlaying(false);
        this.#whenThere((session) => {
          if (command.unit === 'event') session.mesh.simulation.step();
          else session.mesh.stepHop();
          this.#sendFrame(session);
        });
        return;
      case 'seek':
        this.#travelTo(command.timeUs, { fork: command.fork });
        return;
      case 'journey':
        this.#whenThere((session) =>
          this.#send({
            type: 'journey',
            requestId: command.requestId,
            journey: session.mesh.journey(command.requestId),
          }),
        );
        return;
      case 'inspect':
        this.#whenThere((session) =>
          this.#send({
            type: 'inspection',
            target: command.target,
            report: session.mesh.inspect(command.target),
          }),
        );
        return;
      default:
        command satisfies never;
    }
  }

  #open(command: Extract<Command, { type: 'open' }>): void {
    this.#close();
    this.#runId = command.runId;
    this.#seed = command.seed;
    this.#topologyRevision = -1;
    this.#propagationRevision = -1;
    const session = new Session(command.scene, command.seed, command.log);
    this.#session = session;
    const start = session.mesh.simulation.now;
    this.#send({ type: 'opened', timeUs: start, protocolVersion: PROTOCOL_VERSION });
    this.#playing = command.playing;
    this.#travelTo(Math.max(start, command.timeUs));
  }

  #close(): void {
    this.#stopClock();
    this.#playing = false;
    this.#session = undefined;
  }

  #act(action: Action, requestId: string): void {
    this.#whenThere((session) => {
      const result = session.act(action);
      // a command of the terminal may have taken virtual time
      this.#rebase();
      this.#send({ type: 'acted', requestId, timeUs: session.mesh.simulation.now, ...result });
      this.#sendState();
      this.#sendFrame(session);
    });
  }

  /** Does something at the present moment, after a replay under way has come to its end. */
  #whenThere(action: (session: Session) => void): void {
    this.#finishTravel();
    if (this.#session) action(this.#session);
  }

  #travelTo(timeUs: Micros, options: Parameters<Session['goTo']>[1] = {}): void {
    if (!this.#session) return;
    // a journey under way is given up: who drags the time strip wants the last place only
    this.#travel = this.#session.goTo(timeUs, options);
    this.#schedule(0);
  }

  #finishTravel(): void {
    if (!this.#travel) return;
    while (!this.#travel.next().done);
    this.#arrive();
  }

  #arrive(): void {
    this.#travel = undefined;
    this.#topologyRevision = -1;
    this.#rebase();
    this.#sendState();
    if (this.#session) this.#sendFrame(this.#session);
    if (this.#playing) this.#schedule(FRAME_MS);
  }

  #setPlaying(playing: boolean): void {
    if (!this.#session || this.#playing === playing) return;
    this.#playing = playing;
    this.#rebase();
    if (playing) this.#schedule(0);
    this.#sendState();
  }

  readonly #tick = (): void => {
    this.#cancelNext = undefined;
    try {
      if (this.#travel) this.#travelOn(this.#travel);
      else if (this.#session && this.#playing) this.#playOn(this.#session);
    } catch (error) {
      this.#crash(error);
    }
  };

  #travelOn(travel: Generator<number>): void {
    const until = this.#clock.now() + BUDGET_MS;
    for (;;) {
      const step = travel.next();
      if (step.done) {
        this.#arrive();
        return;
      }
      if (this.#clock.now() < until) continue;
      this.#send({ type: 'progress', share: step.value });
      this.#schedule(0);
      return;
    }
  }

  #playOn(session: Session): void {
    const now = this.#clock.now();
    this.#dueUs += (now - this.#dueAtMs) * MS * this.#speed;
    this.#dueAtMs = now;
    const until = now + BUDGET_MS;
    while (!session.advance(Math.floor(this.#dueUs), SLICE_EVENTS))
      if (this.#clock.now() > until) {
        // the engine cannot keep up: virtual time slows down instead of the page
        this.#dueUs = session.mesh.simulation.now;
        break;
      }
    this.#sendFrame(session);
    // what is left of the frame's time makes going back quick
    while (this.#clock.now() < until && session.idle(IDLE_EVENTS));
    this.#schedule(Math.max(0, FRAME_MS - (this.#clock.now() - now)));
  }

  #rebase(): void {
    this.#dueUs = this.#session?.mesh.simulation.now ?? 0;
    this.#dueAtMs = this.#clock.now();
  }

  #schedule(ms: number): void {
    this.#cancelNext?.();
    this.#cancelNext = this.#clock.later(ms, this.#tick);
  }

  #stopClock(): void {
    this.#cancelNext?.();
    this.#cancelNext = undefined;
    this.#travel = undefined;
  }

  #sendFrame({ mesh }: Session): void {
    const topology = mesh.topology();
    if (topology.revision !== this.#topologyRevision) {
      this.#topologyRevision = topology.revision;
      this.#send({ type: 'topology', topology });
    }
    const frame = mesh.takeFrame();
    this.#send({ type: 'frame', frame }, [frame.moves.buffer]);
    const pins = mesh.takePins();
    if (pins.length > 0) this.#send({ type: 'pins', pins });
    const propagation = mesh.propagation();
    if (propagation.revision === this.#propagationRevision) return;
    this.#propagationRevision = propagation.revision;
    const { acked, nacked, waiting } = propagation;
    this.#send({ type: 'propagation', acked, nacked, waiting });
  }

  #sendState(): void {
    if (!this.#session) return;
    const { mesh, log } = this.#session;
    this.#send({
      type: 'state',
      playing: this.#playing,
      speed: this.#speed,
      faults: mesh.faults(),
      load: mesh.load(),
      log,
    });
  }

  #send(event: EventBody, transfer: Transferable[] = []): void {
    this.#post({ ...event, runId: this.#runId } as Event, transfer);
  }

  /** Our own bug: the run stops here, the page stays and can show how to reproduce it. */
  #crash(error: unknown): void {
    this.#stopClock();
    const { eventCount = 0 } = this.#session?.mesh.simulation ?? {};
    this.#playing = false;
    this.#send({
      type: 'crashed',
      message: error instanceof Error ? error.message : String(error),
      seed: this.#seed,
      eventNumber: error instanceof EngineError ? error.eventNumber : eventCount,
      stack: error instanceof Error ? (error.stack ?? '') : '',
    });
  }
}
