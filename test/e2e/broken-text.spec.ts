import { expect, test } from '@playwright/test';
import { PlaygroundPage } from './playground-page.ts';

/** Whatever is in the editor, the mesh behind it goes on and the text stays. */
async function stillRuns(playground: PlaygroundPage): Promise<void> {
  await expect(playground.page.getByText('Meshwala made a mistake')).toBeHidden();
  const clock = playground.page.locator('output.clock');
  const before = await clock.textContent();
  await expect.poll(() => clock.textContent()).not.toBe(before);
}

const BOMB = [
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  ...'bcdefghijk'.split('').map((name, index) => {
    const before = String.fromCharCode(name.charCodeAt(0) - 1);
    return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(', ')}] # ${index}`;
  }),
].join('\n');

const CASES: readonly (readonly [string, string, RegExp])[] = [
  ['broken YAML', 'kind: VirtualService\n  bad: [indent\n', /broken\.yaml:\d/],
  ['an unknown kind', 'apiVersion: v1\nkind: Dabbawala\nmetadata: { name: x }\n', /Dabbawala/],
  ['a YAML bomb', BOMB, /broken\.yaml|refused|Nothing was applied/],
  [
    'an unknown field',
    'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: x }\nspec: { hosts: [a], hops: 3 }\n',
    /hops/,
  ],
];

for (const [name, text, answer] of CASES) {
  test(`${name} gets a clear answer`, async ({ page }) => {
    const playground = new PlaygroundPage(page);
    await playground.open('first-minute');
    await playground.replaceFile('broken.yaml', text);
    await playground.apply();
    await expect(playground.editor).toContainText(/refused|Nothing was applied/);
    await expect(playground.editor).toContainText(answer);
    await stillRuns(playground);
    await expect(playground.editor.getByRole('tab', { name: 'broken.yaml' })).toBeVisible();
  });
}

test('a file of 1 MB neither hangs the page nor is lost', async ({ page }) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  const one = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: big }\ndata:\n  text: |\n';
  await playground.replaceFile('big.yaml', one + `    ${'x'.repeat(90)}\n`.repeat(11_000));
  await stillRuns(playground);
  await playground.apply();
  await expect(playground.editor).toContainText(/accepted|refused/, { timeout: 30_000 });
  await stillRuns(playground);
});

test('a file of 4 MB is refused with the reason', async ({ page }) => {
  const playground = new PlaygroundPage(page);
  await playground.open('first-minute');
  const buffer = Buffer.alloc(4_000_000, 'a');
  await playground.editor
    .locator('input[type=file]')
    .setInputFiles({ name: 'huge.yaml', mimeType: 'text/yaml', buffer });
  await expect(playground.editor).toContainText('larger than 3 MB');
  await stillRuns(playground);
});
