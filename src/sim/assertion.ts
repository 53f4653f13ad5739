/** Models our own mistakes: an assertion that says where in the run it broke. */

/** A bug of the engine, never of its input. Carries what is needed to reproduce it. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** Seed of the run. */
  readonly seed: number;
  /** How many events had been handled when it broke. */
  readonly eventNumber: number;

  constructor(message: string, seed: number, eventNumber: number) {
    super(`${message} (seed ${seed}, event ${eventNumber})`);
    this.seed = seed;
    this.eventNumber = eventNumber;
  }
}
