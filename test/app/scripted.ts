/** The page with a scripted mesh, for looking at it while nothing else is ready. */
import { openPage } from '../../src/app/page.ts';
import type { LanguageCommand, LanguageEvent } from '../../src/protocol/language.ts';
import { ScriptedRun, SCRIPTED_SCENE } from './scripted-run.ts';

const wishes = new URLSearchParams(location.search);
const run = new ScriptedRun({
  requestsPerSecond: Number(wishes.get('rate') ?? 12),
  ...(wishes.has('crowd') && { crowd: Number(wishes.get('crowd')) }),
  ...(wishes.has('crash') && { crashAtUs: Number(wishes.get('crash')) * 1e6 }),
  pods: {
    'reviews-v3': {
      ejectedBy: [{ pod: 'productpage-v1-7c9d1.default', untilUs: 30_000_000 }],
      faults: ['slow-pod'],
    },
    'ratings-v1': { sync: 'stale' },
  },
});
run.start();

await openPage(document.body, {
  createMeshWorker: () => run,
  createLanguageWorker: () => ({
    post: (_message: LanguageCommand) => undefined,
    listen: (_on: (event: LanguageEvent) => void) => undefined,
    close: () => undefined,
  }),
  scenes: [SCRIPTED_SCENE],
});
