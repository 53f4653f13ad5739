/** Paints dots on the one canvas above the graph and says which one lies under a finger. */
import type { Dot, DotLook, Dots, Hop } from './dots.ts';
import { along, type Tracks } from './tracks.ts';

/** The stage's zoom: screen = graph × k + (x, y). */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

export interface Painting {
  readonly dots: Dots;
  readonly tracks: Tracks;
  readonly view: View;
  readonly nowMs: number;
  /** Steps instead of movement: a dot stands where its hop ends. */
  readonly stepped: boolean;
  /** The request whose journey is open. */
  readonly chosen: number | undefined;
}

const LOOKS: readonly DotLook[] = [
  'request',
  'ok',
  'client-error',
  'failed',
  'in-doubt',
  'push',
  'ack',
  'nack',
];
const SPRITE = 32;
const HIT_RADIUS = 13;
/** Dots that wait at one point stand in rows of this many. */
const QUEUE_ROW = 6;
const QUEUE_STEP = 9;

/** Colours of the tokens, read once per theme. */
export type Palette = Readonly<
  Record<'ink' | 'paper' | 'ok' | 'warn' | 'bad' | 'taxi' | 'sea', string>
>;

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: token('ink'),
    paper: token('paper'),
    ok: token('ok'),
    warn: token('warn'),
    bad: token('bad'),
    taxi: token('taxi'),
    sea: token('sea'),
  };
}

export class DotPainter {
  #canvas: HTMLCanvasElement;
  #context: CanvasRenderingContext2D | null;
  #sprites = new Map<DotLook, HTMLCanvasElement>();
  #palette: Palette;
  #ratio = 1;
  #scale = 1;
  #spot = { x: 0, y: 0 };
  #waiting = new Map<number, number>();

  constructor(canvas: HTMLCanvasElement, palette: Palette) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#palette = palette;
  }

  resize(width: number, height: number, ratio: number): void {
    this.#ratio = ratio;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.recolour(this.#palette);
  }

  recolour(palette: Palette): void {
    this.#palette = palette;
    const density = this.#ratio * this.#scale;
    for (const look of LOOKS) this.#sprites.set(look, drawSprite(look, palette, density));
  }

  paint(painting: Painting): void {
    const context = this.#context;
    if (!context) return;
    this.#rescale(painting.view.k);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const ratio = this.#ratio;
    const half = (SPRITE * ratio * this.#scale) / 2;
    this.#each(painting, (dot, hop, x, y, alpha) => {
      const sprite = this.#sprites.get(hop.look);
      if (!sprite) return;
      context.globalAlpha = alpha;
      // Whole pixels and no scaling: a plain copy, the cheapest thing a canvas does.
      context.drawImage(sprite, Math.round(x * ratio - half), Math.round(y * ratio - half));
      if (dot.request === painting.chosen) this.#mark(context, x * ratio, y * ratio);
    });
    context.globalAlpha = 1;
  }

  /** The request nearest to a place on the screen, if one is near enough to be meant. */
  hit(painting: Painting, atX: number, atY: number): number | undefined {
    let nearest: number | undefined;
    let best = HIT_RADIUS * HIT_RADIUS;
    this.#each(painting, (dot, _hop, x, y) => {
      const distance = (x - atX) * (x - atX) + (y - atY) * (y - atY);
      if (dot.request < 0 || distance > best) return;
      best = distance;
      nearest = dot.request;
    });
    return nearest;
  }

  #each(
    { dots, tracks, view, nowMs, stepped }: Painting,
    visit: (dot: Dot, hop: Hop, x: number, y: number, alpha: number) => void,
  ): void {
    const spot = this.#spot;
    this.#waiting.clear();
    dots.visit(nowMs, (dot, hop, share, alpha) => {
      const track = tracks.track(hop.from, hop.to);
      if (!track) return;
      along(track, stepped ? 1 : share, spot);
      if (share >= 1 && !hop.last) this.#queue(hop.to, spot);
      visit(dot, hop, spot.x * view.k + view.x, spot.y * view.k + view.y, alpha);
    });
  }

  /** Dots grow and shrink with the zoom, in steps, so that sprites are seldom drawn anew. */
  #rescale(k: number): void {
    const scale = Math.round(Math.max(0.5, Math.min(1.25, k)) * 10) / 10;
    if (scale === this.#scale) return;
    this.#scale = scale;
    this.recolour(this.#palette);
  }

  /** The n-th dot that stands at a point gets its own place in the queue under it. */
  #queue(point: number, spot: { x: number; y: number }): void {
    const before = this.#waiting.get(point) ?? 0;
    this.#waiting.set(point, before + 1);
    if (before === 0) return;
    const row = Math.floor(before / QUEUE_ROW);
    spot.x += ((before % QUEUE_ROW) - (row === 0 ? 0 : 0.5)) * QUEUE_STEP;
    spot.y += row * QUEUE_STEP;
  }

  #mark(context: CanvasRenderingContext2D, x: number, y: number): void {
    context.globalAlpha = 1;
    context.lineWidth = 2;
    context.strokeStyle = this.#palette.ink;
    context.setLineDash([4, 3]);
    context.beginPath();
    context.arc(x, y, 15 * this.#ratio, 0, 2 * Math.PI);
    context.stroke();
    context.setLineDash([]);
  }
}

/** Each look is drawn once and then copied: copying is what keeps thousands of dots smooth. */
function drawSprite(look: DotLook, palette: Palette, density: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.ceil(SPRITE * density);
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  context.scale(density, density);
  context.translate(SPRITE / 2, SPRITE / 2);
  context.lineCap = 'round';
  const path = shape(look);
  // A rim of paper keeps a dot legible on the dark sidecar and on a thick edge.
  context.lineWidth = 5.5;
  context.strokeStyle = palette.paper;
  context.stroke(path);
  context.lineWidth = look === 'failed' ? 3 : 2.4;
  context.strokeStyle = strokeOf(look, palette);
  context.fillStyle = fillOf(look, palette);
  if (look === 'in-doubt') context.setLineDash([2.5, 3]);
  context.fill(path);
  context.stroke(path);
  return canvas;
}

function shape(look: DotLook): Path2D {
  switch (look) {
    case 'failed':
      return new Path2D('M-4.5 -4.5L4.5 4.5M4.5 -4.5L-4.5 4.5');
    case 'client-error':
      return new Path2D('M0 -6L6 0L0 6L-6 0Z');
    case 'push':
    case 'nack':
      return new Path2D('M0 -6.5L6.5 0L0 6.5L-6.5 0Z');
    case 'ack':
      return new Path2D('M0 -4L4 0L0 4L-4 0Z');
    default: {
      const path = new Path2D();
      path.arc(0, 0, 5, 0, 2 * Math.PI);
      return path;
    }
  }
}

function strokeOf(look: DotLook, palette: Palette): string {
  if (look === 'ok') return palette.ok;
  if (look === 'client-error') return palette.warn;
  if (look === 'failed' || look === 'nack') return palette.bad;
  return palette.ink;
}

function fillOf(look: DotLook, palette: Palette): string {
  if (look === 'push' || look === 'ack') return palette.taxi;
  return look === 'nack' ? palette.bad : palette.paper;
}
