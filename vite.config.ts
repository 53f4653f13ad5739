import fs from 'node:fs';
import path from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { readScene } from './src/mesh/scene.ts';

const SCENES = path.resolve(import.meta.dirname, 'scenes');
/** The order of the page's picker; a scene that is not named here comes after them. */
const ORDER = ['first-minute', 'bookinfo', 'payment', 'chaos'];

/** `virtual:scenes`: the folders of scenes/ as data, read when the page is built. */
function scenes(): Plugin {
  const virtual = '\0virtual:scenes';
  return {
    name: 'scenes',
    resolveId: (id) => (id === 'virtual:scenes' ? virtual : undefined),
    load(id) {
      if (id !== virtual) return undefined;
      const all = sceneFolders().map((name) => sceneOf(name, (file) => this.addWatchFile(file)));
      return { code: `export default ${JSON.stringify(all)};`, moduleType: 'js' };
    },
  };
}

function sceneFolders(): readonly string[] {
  const rank = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const folders = fs.readdirSync(SCENES, { withFileTypes: true });
  const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return names.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

function sceneOf(name: string, onRead: (file: string) => void) {
  const folder = path.join(SCENES, name);
  const files = fs.readdirSync(folder).map((file) => {
    onRead(path.join(folder, file));
    return { path: file, text: fs.readFileSync(path.join(folder, file), 'utf8') };
  });
  const { scene, problems } = readScene(name, files);
  if (!scene) throw new Error(`scenes/${name}: ${problems.join('; ')}`);
  return scene;
}

export default defineConfig({
  base: './',
  publicDir: 'static',
  plugins: [svelte(), scenes()],
  worker: { format: 'iife' },
  build: { target: 'es2022', chunkSizeWarningLimit: 5000 },
  optimizeDeps: { entries: ['index.html'] },
});
