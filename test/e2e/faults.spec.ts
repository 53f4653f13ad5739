/** What breaks in a mesh, struck from the drawer and watched on the page. */
import { expect, test } from '@playwright/test';
import { PlaygroundPage } from './playground-page.ts';

const ALL_TO_V2 = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: delivery
  namespace: tiffin
spec:
  hosts: [delivery]
  http:
  - route:
    - destination: { host: delivery, subset: v2 }
`;

/** A table of maglev has a prime size: Envoy refuses any other, istiod does not look. */
const REFUSED_BY_ENVOY = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: broken
  namespace: tiffin
spec:
  configPatches:
  - applyTo: CLUSTER
    match:
      context: SIDECAR_OUTBOUND
      cluster: { name: outbound|80|v1|delivery.tiffin.svc.cluster.local }
    patch:
      operation: MERGE
      value:
        lb_policy: MAGLEV
        maglev_lb_config: { table_size: 1000 }
`;

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
const WITH_OUTLIER_DETECTION = `${SUBSETS}  trafficPolicy:
    outlierDetection:
      consecutive5xxErrors: 5
      interval: 5s
      baseEjectionTime: 10s
      maxEjectionPercent: 50
`;

test('without istiod requests succeed and changes are refused', async ({ page }, info) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  await expect.poll(() => playground.rate('homes', 'collection')).toBeGreaterThan(0);
  await playground.strike('Lose istiod', {});
  const lost = page.getByRole('button', { name: /istiod is gone/ });
  await expect(lost).toHaveAttribute('aria-label', /traffic goes on, changes do not/);

  await playground.replaceFile('delivery.yaml', ALL_TO_V2);
  await playground.apply();
  await expect(playground.editor.getByText('1 refused')).toBeVisible();
  await expect(playground.editor).toContainText('failed calling webhook');
  await expect(playground.editor).toContainText('no endpoints available for service "istiod"');
  await page.screenshot({ path: info.outputPath('istiod-lost.png') });

  await playground.faster(2);
  await page.waitForTimeout(3000);
  expect(await playground.number('requests/s')).toBeGreaterThan(3);
  await expect(playground.board).toContainText('100 %');
  expect(await playground.rate('sorting', 'delivery-v1')).toBeGreaterThan(0);

  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('button', { name: /^istiod 7 of 7/ })).toBeVisible({
    timeout: 30_000,
  });
  await playground.apply();
  await expect(playground.editor.getByText(/All 7 proxies have it/)).toBeVisible();
  await expect.poll(() => playground.rate('sorting', 'delivery-v1'), { timeout: 20_000 }).toBe(0);
  await page.screenshot({ path: info.outputPath('istiod-back.png') });
});

test('a pod killed under load loses what was in its hands, no more', async ({ page }, info) => {
  const playground = new PlaygroundPage(page);
  await playground.open('payment');
  await playground.replaceFile('destination-rule.yaml', SUBSETS);
  await playground.apply();
  await expect(playground.editor.getByText(/All \d+ proxies have it/)).toBeVisible();
  // Slow enough that some requests are always in the pod's hands.
  const pod = await playground.strike('Slow a pod', {
    target: 'regular',
    size: ['Delay in ms', 2000],
  });
  await expect.poll(() => playground.number('in flight'), { timeout: 20_000 }).toBeGreaterThan(4);

  await playground.pause();
  const inFlight = await playground.number('in flight');
  await playground.strike('Kill a pod', { target: pod });
  const dead = playground.stage.locator(`[data-thing="${pod}"]`);
  await expect(dead).toBeHidden();
  await page.screenshot({ path: info.outputPath('killed.png') });
  await playground.slower(3);
  await playground.play();
  await playground.clickAFailedDot();
  await expect(playground.journey.getByRole('heading', { name: /Why did/ })).toBeVisible();
  await expect(playground.journey).toContainText('503');
  await expect(playground.journey).toContainText(
    /The upstream closed the connection before it answered|No connection to the upstream/,
  );
  await page.screenshot({ path: info.outputPath('why-it-failed.png') });

  await playground.play();
  const lost = Math.max(await playground.number('UC'), await playground.number('UF'));
  // The board is at most a fifth of a second old, and 20 requests come in a second.
  expect(lost).toBeLessThanOrEqual(inFlight + 5);
  await playground.faster(4);
  // Its owner has started another: as many pods as before, all of them ready.
  const cards = playground.stage.getByRole('button', { name: /^Pod of payment-service-regular/ });
  await expect(cards).toHaveCount(2);
  await expect(playground.stage.locator('.pod.troubled')).toHaveCount(0, { timeout: 20_000 });
  await expect.poll(() => playground.board.textContent(), { timeout: 20_000 }).toContain('100 %');
  await page.screenshot({ path: info.outputPath('replaced.png') });
});

test('a sidecar that refuses a push says why and goes on', async ({ page }, info) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  await playground.replaceFile('broken.yaml', REFUSED_BY_ENVOY);
  await playground.apply();
  const words = 'The table size of maglev must be prime number';
  await expect(playground.editor.getByText(words).first()).toBeVisible();
  await expect(page.getByRole('button', { name: /NACK .*refused CDS/ }).first()).toBeAttached();
  // each of the seven sidecars says so on the stage
  await expect(page.getByRole('button', { name: /config refused/ })).toHaveCount(7);
  await page.screenshot({ path: info.outputPath('nack.png') });

  // What they had goes on; taken back, all are in sync again.
  await expect(playground.board).toContainText('100 %');
  await page.getByRole('tab', { name: 'Terminal' }).click();
  await page
    .getByRole('textbox', { name: 'Command' })
    .fill('kubectl delete envoyfilter broken -n tiffin');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('log')).toContainText('"broken" deleted');
  await expect(page.getByRole('button', { name: /^istiod 7 of 7/ })).toBeVisible({
    timeout: 30_000,
  });
  await expect(playground.board).toContainText('100 %');
});

test('one sick pod is ejected, and comes back', async ({ page }, info) => {
  const playground = new PlaygroundPage(page);
  await playground.open('payment');
  await playground.replaceFile('destination-rule.yaml', WITH_OUTLIER_DETECTION);
  await playground.apply();
  await expect(playground.editor.getByText(/All \d+ proxies have it/)).toBeVisible();
  const pod = await playground.strike('Make a pod fail', {
    target: 'express',
    size: ['Errors in %', 100],
  });
  const sick = playground.stage.locator(`[data-thing="${pod}"]`);
  await expect(sick.locator('.pod.ejected .ring')).toBeVisible({ timeout: 30_000 });
  await expect(sick).toHaveAttribute('aria-label', / \d+ s$/);
  await expect(playground.stage.locator('.pod.ejected')).toHaveCount(1);
  await expect(page.getByRole('button', { name: /^ejected .*has ejected/ })).toBeAttached();
  await page.screenshot({ path: info.outputPath('ejected.png') });

  await page.getByRole('button', { name: 'Undo' }).click();
  await playground.faster(2);
  await expect(playground.stage.locator('.pod.ejected')).toHaveCount(0, { timeout: 30_000 });
  await expect(page.getByRole('button', { name: /sends to .* again/ }).first()).toBeAttached();
  await page.screenshot({ path: info.outputPath('back.png') });
});
