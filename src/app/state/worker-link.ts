/** A worker as the page sees it: messages up, messages down. The composition root makes them. */
export interface WorkerLink<Up, Down> {
  post(message: Up): void;
  /** One listener; `onFailure` hears what the worker could not say itself. */
  listen(onMessage: (message: Down) => void, onFailure: (reason: string) => void): void;
  close(): void;
}
