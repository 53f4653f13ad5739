import { expect, test } from '@playwright/test';
import { PlaygroundPage } from './playground-page.ts';

const SUBSETS = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: payment-service-tiers
spec:
  host: payment-service
  subsets:
  - { name: express-tier, labels: { tier: express } }
  - { name: regular-tier, labels: { tier: regular } }
`;

test('without subsets every request gets 503 NC; subsets mend it', async ({ page }, info) => {
  const playground = new PlaygroundPage(page);
  await playground.open('payment');
  await expect(playground.board).toContainText('NC', { timeout: 20_000 });
  await expect(playground.problems).toContainText('IST0101');
  await playground.clickADot();
  await expect(playground.journey).toContainText('503');
  await expect(playground.journey).toContainText('Where is the subset defined?');
  await expect(page.locator('.monaco .lit').first()).toBeVisible();
  await page.screenshot({ path: info.outputPath('503-nc.png') });

  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await playground.replaceFile('subsets.yaml', SUBSETS);
  await playground.apply();
  await expect(playground.editor.getByText(/All \d+ proxies have it/)).toBeVisible();
  await expect(playground.problems.getByText('IST0101')).toBeHidden();
  await expect(playground.board.getByText('NC', { exact: true })).toBeHidden({ timeout: 20_000 });

  // Six of ten are peak-hours, and seven of ten of those go to express: 42 % in all.
  await playground.faster(2);
  await page.waitForTimeout(5000);
  const express = await playground.rate('order-service', 'payment-service-express');
  const regular = await playground.rate('order-service', 'payment-service-regular');
  expect(express / (express + regular)).toBeGreaterThan(0.3);
  expect(express / (express + regular)).toBeLessThan(0.54);
  await page.screenshot({ path: info.outputPath('mended.png') });
});
