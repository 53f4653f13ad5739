/**
 * Models an image that only waits to be used: curlimages/curl and the like with "sleep infinity".
 * People run curl in it by `kubectl exec`.
 */
import type { Application } from '../application.ts';

export function sleep(): Application {
  let isRunning = false;
  return {
    start: () => void (isRunning = true),
    stop: () => void (isRunning = false),
    isReady: () => isRunning,
  };
}
