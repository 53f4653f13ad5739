import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { expect, test } from '@playwright/test';
import { rolldown } from 'rolldown';
import { readScene } from '../../src/mesh/scene.ts';
import type { HashAnswer } from './support/trace-hash.ts';

interface HashGlobal {
  traceHashOf(...args: unknown[]): HashAnswer;
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const VIRTUAL_US = 10_000_000;
const FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((file) => fs.existsSync(file));

function sceneOf(name: string) {
  const folder = path.join(ROOT, 'scenes', name);
  const files = fs
    .readdirSync(folder)
    .map((file) => ({ path: file, text: fs.readFileSync(path.join(folder, file), 'utf8') }));
  const { scene, problems } = readScene(name, files);
  if (!scene) throw new Error(problems.join('; '));
  return scene;
}

let bundle = '';
test.beforeAll(async () => {
  const build = await rolldown({
    input: path.join(ROOT, 'test/e2e/support/trace-hash.ts'),
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'iife', codeSplitting: false });
  bundle = output[0].code;
});

/** The very text that browsers run, in Node's own global scope. */
function inNode(name: string, rewinds: boolean): HashAnswer {
  vm.runInThisContext(bundle);
  return (globalThis as unknown as HashGlobal).traceHashOf(sceneOf(name), VIRTUAL_US, rewinds);
}

for (const name of ['first-minute', 'payment', 'bookinfo']) {
  test(`${name}: a rewound run has the hash of the first`, () => {
    expect(inNode(name, true).hash).toBe(inNode(name, false).hash);
  });

  test(`${name}: Chromium gives the hash that Node gives`, async ({ page }) => {
    await page.goto('about:blank');
    await page.addScriptTag({ content: bundle });
    const answer = await page.evaluate(
      ([scene, us]) => (globalThis as unknown as HashGlobal).traceHashOf(scene, us, false),
      [sceneOf(name), VIRTUAL_US] as const,
    );
    expect(answer).toEqual(inNode(name, false));
    expect(answer.requests).toBeGreaterThan(0);
  });
}

test('Firefox gives the hash that Node gives', async () => {
  test.skip(!FIREFOX, 'Firefox is not installed');
  test.setTimeout(120_000);
  expect(await inFirefox('payment')).toEqual(inNode('payment', false));
});

/** A page of our own server runs the bundle and posts its answer back. */
async function inFirefox(name: string): Promise<HashAnswer> {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'meshwala-firefox-'));
  const scene = JSON.stringify(sceneOf(name)).replaceAll('<', '\\u003c');
  const page = `<!doctype html><meta charset="utf-8"><script src="/bundle.js"></script>
    <script>fetch('/answer', { method: 'POST', body: JSON.stringify(traceHashOf(${scene}, ${VIRTUAL_US}, false)) })</script>`;
  let deliver: (answer: HashAnswer) => void = () => undefined;
  const answer = new Promise<HashAnswer>((resolve) => (deliver = resolve));
  const server = http.createServer((request, response) => {
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => deliver(JSON.parse(body) as HashAnswer));
      response.end();
    } else if (request.url === '/bundle.js') {
      response.setHeader('content-type', 'text/javascript; charset=utf-8').end(bundle);
    } else response.setHeader('content-type', 'text/html; charset=utf-8').end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const firefox = spawn(
    FIREFOX!,
    ['--headless', '--no-remote', '--profile', profile, `http://127.0.0.1:${port}/`],
    { stdio: 'ignore' },
  );
  try {
    return await answer;
  } finally {
    firefox.kill();
    server.close();
    server.closeAllConnections();
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
