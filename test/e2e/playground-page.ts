import { expect, type Locator, type Page } from '@playwright/test';

const EXACT = { exact: true };
/** Red of failed dots in the light theme, and how near a pixel must come. */
const BAD = [179, 38, 30];

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

  /** Strikes a fault from the drawer; `target` is a part of the pod's name. */
  async strike(
    fault: string,
    { target, size, seconds = 0 }: { target?: string; size?: [string, number]; seconds?: number },
  ): Promise<string> {
    await this.page.getByRole('tab', { name: /^Break/ }).click();
    await this.journey.getByText(fault, { exact: true }).first().click();
    let struck = '';
    if (target) {
      const pods = this.page.getByRole('combobox', { name: 'Pod' });
      struck = (await pods.locator('option', { hasText: target }).first().textContent()) ?? '';
      await pods.selectOption(struck);
    }
    if (size) await this.page.getByLabel(size[0]).fill(String(size[1]));
    const lasting = this.page.getByLabel('Seconds (0: until undone)');
    if (await lasting.isVisible()) await lasting.fill(String(seconds));
    await this.page.getByRole('button', { name: 'Do it' }).click();
    return struck.trim();
  }

  async pause(): Promise<void> {
    await this.page.getByRole('button', { name: 'Pause', exact: true }).click();
  }

  async play(): Promise<void> {
    await this.page.getByRole('button', { name: 'Play', exact: true }).click();
  }

  /** A number of the board, by the word under it; 0 when it is not there. */
  async number(word: string): Promise<number> {
    const cell = this.board.locator('.cell').filter({ has: this.page.getByText(word, EXACT) });
    const texts = await cell.locator('b').allTextContents();
    return Number((texts[0] ?? '0').replaceAll(',', ''));
  }

  async faster(steps: number): Promise<void> {
    await this.stage.press('Escape');
    for (let i = 0; i < steps; i++) await this.page.keyboard.press('+');
  }

  async slower(steps: number): Promise<void> {
    await this.stage.press('Escape');
    for (let i = 0; i < steps; i++) await this.page.keyboard.press('-');
  }

  /** Painted places of the canvas, in coordinates of the page; of one colour when asked for. */
  async dots(colour?: readonly number[]): Promise<{ x: number; y: number }[]> {
    return this.page.evaluate((colour) => {
      const canvas = document.querySelector('canvas');
      const context = canvas?.getContext('2d');
      if (!canvas || !context) return [];
      const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
      const box = canvas.getBoundingClientRect();
      const step = colour ? 2 : 6;
      const found: { x: number; y: number }[] = [];
      for (let y = 0; y < height; y += step)
        for (let x = 0; x < width; x += step) {
          const at = (y * width + x) * 4;
          if ((data[at + 3] ?? 0) < 128) continue;
          if (colour?.some((part, i) => Math.abs(part - (data[at + i] ?? 0)) > 12)) continue;
          const scale = box.width / width;
          found.push({ x: box.left + x * scale, y: box.top + y * scale });
        }
      return found;
    }, colour);
  }

  /** Waits for a failed dot and opens that request; where others hide it, some frames later. */
  async clickAFailedDot(): Promise<void> {
    await expect(async () => {
      const play = this.page.getByRole('button', { name: 'Play', exact: true });
      if (await play.isVisible()) await play.click();
      await this.#pauseAtAFailedDot();
      await this.#clickOneOf(await this.dots(BAD), /Why did this request fail/);
    }).toPass({ timeout: 40_000, intervals: [100] });
  }

  /** Stops time in the very frame that shows a failed dot, before it fades. */
  async #pauseAtAFailedDot(): Promise<void> {
    const pause = await this.page
      .getByRole('button', { name: 'Pause', exact: true })
      .elementHandle();
    await this.page.waitForFunction(
      ({ colour, pause }) => {
        const canvas = document.querySelector('canvas');
        const context = canvas?.getContext('2d');
        if (!canvas || !context) return false;
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        for (let at = 0; at < data.length; at += 8) {
          if ((data[at + 3] ?? 0) < 128) continue;
          if (colour.some((part, i) => Math.abs(part - (data[at + i] ?? 0)) > 12)) continue;
          (pause as HTMLElement).click();
          return true;
        }
        return false;
      },
      { colour: BAD, pause },
      { polling: 'raf', timeout: 10_000 },
    );
  }

  /** Stops time and clicks dots until one opens its journey. */
  async clickADot(): Promise<void> {
    await expect.poll(async () => (await this.dots()).length).toBeGreaterThan(0);
    await this.page.getByRole('button', { name: 'Pause', exact: true }).click();
    await this.#clickOneOf(await this.dots());
  }

  async #clickOneOf(
    dots: readonly { x: number; y: number }[],
    title = /Why did this request/,
  ): Promise<void> {
    for (const { x, y } of dots.slice(0, 40)) {
      await this.page.mouse.click(x, y);
      const heading = this.journey.getByRole('heading', { name: title });
      if (await heading.isVisible().catch(() => false)) return;
      await this.page.waitForTimeout(120);
      if (await heading.isVisible().catch(() => false)) return;
    }
    throw new Error('no dot opened a journey');
  }
}
