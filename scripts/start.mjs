// npm start: installs what is missing, builds, serves, prints the address.
//   --port N   listen on this port (default 4173, or the next free one)
//   --open     open the page in the default browser
import { endWith, ensureInstalled, ROOT } from './ensure-installed.mjs';

const options = readOptions(process.argv.slice(2));
ensureInstalled();
const { build, preview } = await import('vite');
console.error('Building the page …');
try {
  await build({ root: ROOT, logLevel: 'warn' });
} catch (error) {
  endWith(`The build failed: ${error.message}`);
}
try {
  const server = await preview({
    root: ROOT,
    preview: {
      port: options.port ?? 4173,
      strictPort: options.port !== undefined,
      open: options.open,
    },
  });
  console.log(`Meshwala is at ${server.resolvedUrls.local[0]}  (Ctrl-C ends it)`);
} catch (error) {
  endWith(`The page could not be served: ${error.message}. Try another --port.`);
}

function readOptions(args) {
  const read = { port: undefined, open: false };
  for (let i = 0; i < args.length; i++) {
    const [flag, inline] = args[i].split('=');
    if (flag === '--open') read.open = true;
    else if (flag === '--port') {
      read.port = Number(inline ?? args[++i]);
      if (!Number.isInteger(read.port) || read.port < 1 || read.port > 65_535)
        endWith('--port wants a number from 1 to 65535, for example: npm start -- --port 8080');
    } else endWith(`npm start does not know ${args[i]}; it knows --port N and --open.`);
  }
  return read;
}
