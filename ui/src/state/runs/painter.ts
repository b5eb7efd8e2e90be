/**
 * One paint a frame for everything that streams.
 *
 * A frame runs in steps over all marked things: sources take in what arrived, views write to the document, then read
 * sizes, then scroll and tidy up, so that the browser lays out once and not once per lane. A hidden window gets no
 * frames; a timer stands in, so that a run goes on and is acknowledged.
 */
export interface Source {
  /** Takes in all that has arrived. */
  take(): void;
}

export interface View {
  /** Writes until `deadline` (as `performance.now()`), at least one step; true when something is left to do. */
  write(deadline: number): boolean;
  /** Reads sizes. All views read before any of them writes again, so that the browser lays out once. */
  measure(): void;
  /** Scrolls. */
  scroll(): void;
  /** Takes away what nobody sees. */
  trim(): void;
}

/** What the views of one frame may take together, milliseconds. */
const BUDGET = 8;
/** A frame that has not come after this long is not coming. */
const FALLBACK = 250;

export class Painter {
  #sources = new Set<Source>();
  #views = new Set<View>();
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  take(source: Source): void {
    this.#sources.add(source);
    this.#schedule();
  }

  mark(view: View): void {
    this.#views.add(view);
    this.#schedule();
  }

  /** Nothing waits to be painted. */
  get isIdle(): boolean {
    return this.#sources.size === 0 && this.#views.size === 0;
  }

  forget(view: View): void {
    this.#views.delete(view);
  }

  /** Paints now; tests and the end of a page call it. */
  paint(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = 0;
    this.#timer = undefined;
    const sources = [...this.#sources];
    this.#sources.clear();
    for (const source of sources) source.take();
    const views = [...this.#views];
    this.#views.clear();
    const deadline = performance.now() + BUDGET;
    // What is left over goes first next time: a set keeps the order of insertion.
    for (const view of views) if (view.write(deadline)) this.#views.add(view);
    for (const view of views) view.measure();
    for (const view of views) view.scroll();
    for (const view of views) view.trim();
    if (this.#views.size > 0 || this.#sources.size > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    const hidden = typeof document !== 'undefined' && document.hidden;
    this.#timer = setTimeout(() => this.paint(), hidden ? 100 : FALLBACK);
    this.#frame = hidden ? 0 : requestAnimationFrame(() => this.paint());
  }
}

export const painter = new Painter();
