/** The composition root of the page: makes the workers, reads the scenes, opens the page. */
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import scenes from 'virtual:scenes';
import { openPage } from './app/page.ts';
import type { WorkerLink } from './app/state/worker-link.ts';
import type { LanguageCommand, LanguageEvent } from './protocol/language.ts';
import type { Command, Event } from './protocol/messages.ts';
import languageWorkerUrl from './worker/language.worker.ts?worker&url';
import meshWorkerUrl from './worker/mesh.worker.ts?worker&url';

/** In a sandboxed frame a worker may only come from a blob of the frame's own. */
function startWorker(url: string): Worker {
  const address = new URL(url, document.baseURI).href;
  // Vite's development server serves workers as modules; a build makes them classic scripts.
  if (import.meta.env.DEV) return new Worker(address, { type: 'module' });
  if (self.origin !== 'null') return new Worker(address);
  const source = new Blob([`importScripts(${JSON.stringify(address)})`]);
  return new Worker(URL.createObjectURL(source));
}

function link<Up, Down>(worker: Worker): WorkerLink<Up, Down> {
  return {
    post: (message) => worker.postMessage(message),
    listen: (onMessage, onFailure) => {
      worker.onmessage = (event: MessageEvent<Down>) => onMessage(event.data);
      worker.onerror = (event) => onFailure(event.message || 'the worker could not be started');
    },
    close: () => worker.terminate(),
  };
}

await openPage(document.body, {
  createMeshWorker: () => link<Command, Event>(startWorker(meshWorkerUrl)),
  createLanguageWorker: () => link<LanguageCommand, LanguageEvent>(startWorker(languageWorkerUrl)),
  createEditorWorker: () => new EditorWorker(),
  scenes,
});
