/** The editor as a help: what is wrong is mended, what a field means is said, names are offered. */
import { expect, test } from '@playwright/test';
import { PlaygroundPage } from './playground-page.ts';

const SUBSETS = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: payment-service-circuit-breaker
spec:
  host: payment-service
  subsets:
  - { name: express-tier, labels: { tier: express } }
  - { name: regular-tier, labels: { tier: regular } }
`;

const UNFINISHED = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: mumbai-local-routing
spec:
  hosts: [payment-service]
  http:
  - route:
    - destination:
        host: payment-service
        subset: `;

test('a deprecated field is named, explained and mended', async ({ page }, info) => {
  const playground = new PlaygroundPage(page);
  await playground.open('payment');
  const code = page.locator('.monaco.ready');
  await expect(code).toBeVisible();
  await playground.editor.getByRole('tab', { name: 'destination-rule.yaml' }).click();

  const word = code.locator('.view-line', { hasText: /host:/ }).first();
  await word.locator('span', { hasText: 'host' }).last().hover();
  await expect(page.locator('.monaco-hover').first()).toContainText(
    'The name of a service from the service r',
  );
  await page.screenshot({ path: info.outputPath('hover.png') });
  await page.mouse.move(200, 400);

  const problem = playground.problems.getByRole('listitem').filter({ hasText: 'consecutive' });
  await problem.getByRole('button').last().click();
  await expect(code).toContainText('consecutive5xxErrors');
  await expect(problem).toHaveCount(0);
  await page.screenshot({ path: info.outputPath('mended.png') });
});

test('after "subset:" the subsets of that host are offered', async ({ page }, info) => {
  const playground = new PlaygroundPage(page);
  await playground.open('payment');
  await playground.replaceFile('destination-rule.yaml', SUBSETS);
  await playground.replaceFile('virtual-service.yaml', UNFINISHED);
  const code = page.locator('.monaco.ready');
  await expect(code).toContainText('subset:');
  await code.locator('textarea, .native-edit-context').first().focus();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Control+Space');
  const offers = page.locator('.suggest-widget');
  await expect(offers).toContainText('express-tier');
  await expect(offers).toContainText('regular-tier');
  await page.screenshot({ path: info.outputPath('completion.png') });
  await page.keyboard.type('expr');
  await page.keyboard.press('Enter');
  await expect(code).toContainText('express-tier');
});
