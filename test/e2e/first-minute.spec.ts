import { expect, test } from '@playwright/test';
import { PlaygroundPage } from './playground-page.ts';

test('within two seconds something true is moving', async ({ page }) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  await expect(page.getByText('Each dot is one request. Click one.').first()).toBeVisible();
  await expect
    .poll(async () => (await playground.dots()).length, { timeout: 2000, intervals: [50] })
    .toBeGreaterThan(0);
  const before = JSON.stringify(await playground.dots());
  await page.waitForTimeout(300);
  expect(JSON.stringify(await playground.dots())).not.toBe(before);
});

test('a click on a dot stops time and tells its journey', async ({ page }, info) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  await expect(playground.board).toContainText('requests/s');
  await playground.clickADot();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await expect(playground.journey.getByRole('listitem').first()).toBeVisible();
  await page.screenshot({ path: info.outputPath('journey.png') });
});

test('rewind plays the same run again', async ({ page }) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  await playground.faster(2);
  await page.waitForTimeout(3000);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  const strip = page.getByRole('slider', { name: 'Moment on the time strip' });
  const ended = Number(await strip.inputValue());
  await strip.focus();
  await strip.evaluate((element: HTMLInputElement) => {
    element.value = String(Number(element.min) + 1_000_000);
    element.dispatchEvent(new Event('input', { bubbles: true }));
    element.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await expect(page.getByText('This is the past.')).toBeVisible();
  expect(Number(await strip.inputValue())).toBeLessThan(ended);
});

test('a fault is struck, seen and undone', async ({ page }) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  await page.getByRole('tab', { name: 'Break' }).click();
  await page.getByText('Make a pod fail').click();
  const pods = page.getByRole('combobox', { name: 'Pod' });
  const sorting = await pods.locator('option', { hasText: 'sorting' }).first().textContent();
  await pods.selectOption(sorting ?? '');
  await page.getByLabel('Errors in %').fill('100');
  await page.getByLabel('Seconds (0: until undone)').fill('0');
  await page.getByRole('button', { name: 'Do it' }).click();
  await expect(page.getByRole('heading', { name: 'In force' })).toBeVisible();
  await expect(page.getByRole('button', { name: /fault/ }).first()).toBeAttached();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('heading', { name: 'In force' })).toBeHidden();
});
