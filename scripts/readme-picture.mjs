/**
 * Draws docs/payment.png anew: the payment scene, stopped, with a failing request's journey open.
 * `npm start` in one terminal, `node scripts/readme-picture.mjs ADDRESS` in another.
 */
import fs from 'node:fs';
import { chromium } from '@playwright/test';

const address = process.argv[2] ?? 'http://localhost:4173/';
const executablePath = [process.env['CHROMIUM_PATH'] ?? '', '/usr/bin/chromium'].find(
  (path) => path !== '' && fs.existsSync(path),
);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({
  viewport: { width: 1440, height: 900 },
  colorScheme: 'light',
  locale: 'en-GB',
});
await page.goto(new URL('?scene=payment&lang=en', address).href);
await page.locator('.monaco.ready').waitFor();
// Some seconds of traffic fill the numbers and their curves.
await page.waitForTimeout(12_000);
await page.getByRole('region', { name: 'Stage' }).press('n');
await page.getByRole('heading', { name: /Why did this request fail/ }).waitFor();
await page.locator('.monaco .lit').first().waitFor();
// The lines of the route that sent it nowhere.
await page
  .getByRole('tabpanel')
  .getByText(/^virtual-service\.yaml:1\d$/)
  .last()
  .click();
await page.waitForTimeout(500);
await page.screenshot({ path: 'docs/payment.png' });
await browser.close();
