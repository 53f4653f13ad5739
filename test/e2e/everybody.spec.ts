import fs from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test, type Page } from '@playwright/test';
import { PlaygroundPage } from './playground-page.ts';

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async (tags) => {
    // Monaco is a page of its own makers.
    const context = { exclude: [['.monaco']] };
    const { axe } = window as unknown as {
      axe: { run: (c: unknown, o: unknown) => Promise<AxeResult> };
    };
    interface AxeResult {
      violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
    }
    const result = await axe.run(context, { runOnly: { type: 'tag', values: tags } });
    return result.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.html} ${n.failureSummary}`).join(' | ')}`,
    );
  }, RULES);
}

for (const theme of ['light', 'dark'] as const) {
  test(`axe finds nothing in the ${theme} theme`, async ({ page }, info) => {
    await page.emulateMedia({ colorScheme: theme });
    const playground = new PlaygroundPage(page);
    await playground.open('first-minute');
    await playground.clickADot();
    expect(await violations(page)).toEqual([]);
    for (const tab of ['Inspector', 'Break', 'Load', 'Terminal']) {
      await page.getByRole('tab', { name: tab }).click();
      expect(await violations(page)).toEqual([]);
    }
    await page.screenshot({ path: info.outputPath(`${theme}.png`) });
  });
}

test('the language changes in one click and stays in the address', async ({ page }) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  await page.getByRole('button', { name: 'Hinglish' }).click();
  await expect(page.getByText('Har bindu ek request hai.').first()).toBeVisible();
  expect(page.url()).toContain('lang=hi-Latn');
  await expect(page.locator('html')).toHaveAttribute('lang', 'hi-Latn');
  await page.reload();
  await expect(page.getByText('Har bindu ek request hai.').first()).toBeVisible();
});

test('Indian browsers are greeted in Hinglish', async ({ browser }) => {
  const context = await browser.newContext({ locale: 'hi-IN' });
  const page = await context.newPage();
  await page.goto('');
  await expect(page.getByText('Har bindu ek request hai.').first()).toBeVisible();
  await context.close();
});

test('the keyboard alone plays, walks, opens a journey and applies', async ({ page }) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  await expect.poll(async () => (await playground.dots()).length).toBeGreaterThan(0);
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await page.keyboard.press('n');
  await expect(playground.journey.getByRole('heading', { name: /Why did/ })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();

  await playground.stage.locator('[data-thing][tabindex="0"]').focus();
  const start = await page.evaluate(() => document.activeElement?.getAttribute('data-thing'));
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
  const end = await page.evaluate(() => document.activeElement?.getAttribute('data-thing'));
  expect(end).not.toBe(start);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Inspector' })).toHaveAttribute(
    'aria-selected',
    'true',
  );

  const code = page.locator('.monaco.ready');
  await expect(code).toBeVisible();
  await code.locator('textarea, .native-edit-context').first().focus();
  await page.keyboard.press('Control+Enter');
  await expect(playground.editor.getByRole('status')).toContainText(/accepted|unchanged/);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Apply', exact: true })).toBeFocused();
});

test('every keystroke is kept and comes back', async ({ page }) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  const code = page.locator('.monaco.ready');
  await expect(code).toBeVisible();
  await code.locator('textarea, .native-edit-context').first().focus();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('# mine ');
  await page.waitForTimeout(500);
  await page.reload();
  await expect(page.locator('.monaco.ready')).toContainText('# mine');
  await playground.editor.getByRole('button', { name: 'Reset' }).click();
  await playground.editor.getByRole('button', { name: 'Reset' }).click();
  await expect(page.locator('.monaco.ready')).not.toContainText('# mine');
});

test('on a phone the stage is above and one sheet below', async ({ page }, info) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  await playground.clickADot();
  await page.getByRole('tab', { name: 'Editor' }).click();
  await expect(page.getByRole('textbox', { name: /^Text of/ })).toBeVisible();
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(390);
  await page.screenshot({ path: info.outputPath('phone.png') });
});
