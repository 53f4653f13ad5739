/** The stage's own time in real milliseconds: it stands while the mesh is paused. */

/** After a step the dots may finish what they were told, no longer. */
const AFTER_STEP_MS = 1500;
/** A tab that slept does not make up for it in one leap. */
const TICK_MS_MAX = 100;

export class StageClock {
  nowMs = 0;
  /** Virtual time of the last frame. */
  heardUs = 0;
  #atMs: number | undefined;
  #runUntilMs = 0;

  /** A step was asked for: while paused its moves are to be seen. */
  allowStep(): void {
    this.#runUntilMs = this.nowMs + AFTER_STEP_MS;
  }

  tick(atMs: number, playing: boolean): void {
    const passedMs = Math.min(TICK_MS_MAX, atMs - (this.#atMs ?? atMs));
    this.#atMs = atMs;
    if (playing) this.#runUntilMs = 0;
    if (playing || this.nowMs < this.#runUntilMs) this.nowMs += passedMs;
  }
}
