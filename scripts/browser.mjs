// Finds a Chromium for the end-to-end tests, or installs one: the system's, else Playwright's own,
// else Debian's package.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** The path of a Chromium that can be started, or undefined with the reason on standard error. */
export async function ensureChromium() {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) return fs.existsSync(asked) ? asked : undefined;
  return systemBrowser() ?? (await playwrightBrowser()) ?? debianBrowser();
}

/** Firefox, only when it is there already. */
export function installedFirefox() {
  return ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((path) => fs.existsSync(path));
}

function systemBrowser() {
  return SYSTEM_BROWSERS.find((path) => fs.existsSync(path));
}

async function playwrightBrowser() {
  const { chromium } = await import('playwright');
  if (fs.existsSync(chromium.executablePath())) return chromium.executablePath();
  console.error('No Chromium found: asking Playwright for its own …');
  spawnSync('npx', ['playwright', 'install', 'chromium'], {
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: 180_000,
  });
  return fs.existsSync(chromium.executablePath()) ? chromium.executablePath() : undefined;
}

function debianBrowser() {
  if (!fs.existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return undefined;
  console.error("Installing Debian's chromium …");
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
  spawnSync('apt-get', ['update', '-qq'], quiet);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], quiet);
  return systemBrowser();
}
