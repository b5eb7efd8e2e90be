/** A canvas that stays sharp and in the colours of the theme, and is drawn at most once a frame. */
export interface Surface {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  /** Value of a design token, for example `--chart-1`. */
  color(token: string): string;
  /** Font of the canvas as its styles give it. */
  font: string;
}

export class ChartCanvas {
  #colors = new Map<string, string>();
  #font = '';
  #frame = 0;
  #width = 0;
  #height = 0;
  readonly #size: ResizeObserver;
  readonly #looks: MutationObserver;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly draw: (surface: Surface) => void,
  ) {
    this.#size = new ResizeObserver(() => {
      this.#width = Math.floor(canvas.clientWidth);
      this.#height = Math.floor(canvas.clientHeight);
      this.redraw();
    });
    this.#size.observe(canvas);
    this.#looks = new MutationObserver(() => {
      this.#colors.clear();
      this.#font = '';
      this.redraw();
    });
    this.#looks.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['data-theme', 'data-contrast'],
    });
  }

  redraw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  destroy(): void {
    this.#size.disconnect();
    this.#looks.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  #paint(): void {
    const context = this.canvas.getContext('2d');
    if (!context || this.#width === 0 || this.#height === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(this.#width * ratio), Math.round(this.#height * ratio)];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.#width, this.#height);
    this.#font ||= getComputedStyle(this.canvas).font || '11px monospace';
    this.draw({
      context,
      width: this.#width,
      height: this.#height,
      font: this.#font,
      color: (token) => this.#color(token),
    });
  }

  #color(token: string): string {
    let value = this.#colors.get(token);
    if (value === undefined) {
      value = getComputedStyle(this.canvas).getPropertyValue(token).trim() || '#888';
      this.#colors.set(token, value);
    }
    return value;
  }
}
