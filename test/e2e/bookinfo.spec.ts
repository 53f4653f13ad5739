import { expect, test } from '@playwright/test';
import { PlaygroundPage } from './playground-page.ts';

const ALL_TO_V3 = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: reviews
spec:
  hosts: [reviews]
  http:
  - route:
    - destination: { host: reviews, subset: v3 }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: reviews
spec:
  host: reviews
  subsets:
  - { name: v1, labels: { version: v1 } }
  - { name: v2, labels: { version: v2 } }
  - { name: v3, labels: { version: v3 } }
`;

test('an applied VirtualService moves the traffic', async ({ page }, info) => {
  const playground = new PlaygroundPage(page);
  await playground.open('bookinfo');
  await expect
    .poll(() => playground.rate('productpage', 'reviews-v1'), { timeout: 30_000 })
    .toBeGreaterThan(0);
  await page.screenshot({ path: info.outputPath('before.png') });
  await playground.replaceFile('reviews.yaml', ALL_TO_V3);
  await playground.apply();
  await expect(playground.editor.getByText(/\d+ accepted/)).toBeVisible();
  await expect(playground.editor.getByText(/All \d+ proxies have it/)).toBeVisible();
  await expect
    .poll(() => playground.rate('productpage', 'reviews-v1'), { timeout: 30_000 })
    .toBe(0);
  expect(await playground.rate('productpage', 'reviews-v3')).toBeGreaterThan(5);
  await page.screenshot({ path: info.outputPath('after.png') });
});

test('istiod and a pod show what is inside', async ({ page }) => {
  const playground = new PlaygroundPage(page);
  await playground.open('bookinfo');
  await page.getByRole('button', { name: /^istiod/ }).click();
  await expect(playground.journey.getByRole('group', { name: 'Parts' })).toBeVisible();
  // The name's half of the pod: above it requests run, and a click there means one of them.
  const pod = page.getByRole('button', { name: /^Pod of productpage/ });
  const box = await pod.boundingBox();
  await pod.click({ position: { x: (box?.width ?? 0) / 2, y: (box?.height ?? 0) - 4 } });
  await expect(playground.journey.getByRole('heading')).toContainText('productpage');
  await expect(playground.journey.getByRole('table')).toBeVisible();
});

test('the terminal acts on the same mesh', async ({ page }) => {
  const playground = new PlaygroundPage(page);
  await playground.open('bookinfo');
  await page.getByRole('tab', { name: 'Terminal' }).click();
  await page.getByRole('textbox', { name: 'Command' }).fill('kubectl get pods');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log')).toContainText('productpage-v1');
});
