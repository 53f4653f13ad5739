/** The mesh worker: a RunDriver behind postMessage. */
import type { Command } from '../protocol/messages.ts';
import { RunDriver } from './run-driver.ts';

const driver = new RunDriver((event, transfer) => self.postMessage(event, { transfer }), {
  now: () => performance.now(),
  later: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
});

self.onmessage = (message: MessageEvent<Command>) => driver.receive(message.data);
