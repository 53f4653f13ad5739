// Builds the static site into dist/.
import { ensureInstalled, ROOT } from './ensure-installed.mjs';

ensureInstalled();
const { build } = await import('vite');
await build({ root: ROOT, logLevel: process.argv.includes('--quiet') ? 'warn' : 'info' });
