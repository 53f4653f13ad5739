import { expect, type Locator, type Page } from '@playwright/test';

/** The page as a person uses it: what a test may see and do. */
export class PlaygroundPage {
  readonly page: Page;
  readonly stage: Locator;
  readonly journey: Locator;
  readonly board: Locator;
  readonly editor: Locator;
  readonly problems: Locator;

  constructor(page: Page) {
    this.page = page;
    this.stage = page.getByRole('region', { name: 'Stage' });
    this.journey = page.getByRole('tabpanel');
    this.board = page.getByRole('group', { name: 'Numbers of the last second' });
    this.editor = page.getByRole('region', { name: 'Editor', exact: true });
    this.problems = page.getByRole('list', { name: 'Problems' });
  }

  async open(scene: string, query = ''): Promise<void> {
    await this.page.goto(`?scene=${scene}&lang=en${query}`);
  }

  /** Requests a second on an edge, as the table of the stage says them. */
  async rate(from: string, to: string): Promise<number> {
    const row = this.page
      .getByRole('table', { name: 'Who calls whom', includeHidden: true })
      .getByRole('row', { includeHidden: true })
      .filter({ hasText: from })
      .filter({ hasText: to });
    const rates = await row.locator('td:nth-child(3)').allTextContents();
    return rates.reduce((sum, text) => sum + Number(text.replaceAll(',', '')), 0);
  }

  /** Puts a text in the place of a file of the editor. */
  async replaceFile(name: string, text: string): Promise<void> {
    const buffer = Buffer.from(text);
    await this.editor
      .locator('input[type=file]')
      .setInputFiles({ name, mimeType: 'text/yaml', buffer });
    await expect(this.editor.getByRole('tab', { name })).toHaveAttribute('aria-selected', 'true');
  }

  async apply(): Promise<void> {
    await this.editor.getByRole('button', { name: 'Apply', exact: true }).click();
  }

  async faster(steps: number): Promise<void> {
    await this.stage.press('Escape');
    for (let i = 0; i < steps; i++) await this.page.keyboard.press('+');
  }

  /** Painted places of the canvas, in coordinates of the page. */
  async dots(): Promise<{ x: number; y: number }[]> {
    return this.page.evaluate(() => {
      const canvas = document.querySelector('canvas');
      const context = canvas?.getContext('2d');
      if (!canvas || !context) return [];
      const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
      const box = canvas.getBoundingClientRect();
      const step = 6;
      const found: { x: number; y: number }[] = [];
      for (let y = 0; y < height; y += step)
        for (let x = 0; x < width; x += step) {
          if ((data[(y * width + x) * 4 + 3] ?? 0) < 128) continue;
          const scale = box.width / width;
          found.push({ x: box.left + x * scale, y: box.top + y * scale });
        }
      return found;
    });
  }

  /** Stops time and clicks dots until one opens its journey. */
  async clickADot(): Promise<void> {
    await expect.poll(async () => (await this.dots()).length).toBeGreaterThan(0);
    await this.page.getByRole('button', { name: 'Pause', exact: true }).click();
    for (const { x, y } of (await this.dots()).slice(0, 40)) {
      await this.page.mouse.click(x, y);
      const heading = this.journey.getByRole('heading', { name: /Why did this request/ });
      if (await heading.isVisible().catch(() => false)) return;
      await this.page.waitForTimeout(120);
      if (await heading.isVisible().catch(() => false)) return;
    }
    throw new Error('no dot opened a journey');
  }
}
