/** The stage's own time in real milliseconds: it stands while the mesh is paused. */

/** After a step the dots may finish what they were told, no longer. */
const AFTER_STEP_MS = 1500;
const TICK_MS_MAX = 100;

export class StageClock {
  nowMs = 0;
  /** Virtual time of the last frame. */
  heardUs = 0;
  #atMs: number | undefined;
  #runUntilMs = 0;

  /** A frame came: even while paused (a step) its moves are to be seen. */
  hear(timeUs: number): void {
    if (timeUs !== this.heardUs) this.#runUntilMs = this.nowMs + AFTER_STEP_MS;
    this.heardUs = timeUs;
  }

  tick(atMs: number, playing: boolean): void {
    const passedMs = Math.min(TICK_MS_MAX, atMs - (this.#atMs ?? atMs));
    this.#atMs = atMs;
    if (playing || this.nowMs < this.#runUntilMs) this.nowMs += passedMs;
  }

  /** Freezes at once, as a click on a dot wants it. */
  freeze(): void {
    this.#runUntilMs = this.nowMs;
  }
}
