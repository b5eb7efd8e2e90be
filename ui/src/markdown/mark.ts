/**
 * Marks ranges of an answer without touching its elements: a highlight where the engine has them, and an outline in a
 * layer above, which every engine can draw.
 */
const NAME = 'carried';

export class AnswerMark {
  #layer: HTMLElement | null = null;
  #highlight: Highlight | null = null;
  #shown = '';

  /** `scroll` is the element in which the text and the outline scroll together. */
  constructor(private readonly scroll: HTMLElement) {}

  /** Marks these ranges and no others. Reads sizes, so that it belongs into a frame's reading part. */
  show(ranges: readonly Range[]): void {
    if (typeof Highlight !== 'undefined' && CSS.highlights) {
      if (this.#highlight)
        for (const range of this.#highlight) if (!ranges.includes(range as Range)) this.#highlight.delete(range);
      this.#highlight ??= new Highlight();
      for (const range of ranges) this.#highlight.add(range);
      CSS.highlights.set(NAME, this.#highlight);
    }
    this.#outline(ranges);
  }

  hide(): void {
    if (this.#highlight && CSS.highlights?.get(NAME) === this.#highlight) CSS.highlights.delete(NAME);
    this.#highlight = null;
    this.#layer?.remove();
    this.#layer = null;
    this.#shown = '';
  }

  #outline(ranges: readonly Range[]): void {
    const box = this.scroll.getBoundingClientRect();
    const scale = this.scroll.offsetWidth > 0 && box.width > 0 ? box.width / this.scroll.offsetWidth : 1;
    const rects = lines(ranges.flatMap((range) => [...(range.getClientRects?.() ?? [])])).map((rect) => ({
      left: (rect.left - box.left) / scale + this.scroll.scrollLeft,
      top: (rect.top - box.top) / scale + this.scroll.scrollTop,
      width: (rect.right - rect.left) / scale,
      height: (rect.bottom - rect.top) / scale,
    }));
    const wanted = JSON.stringify(rects);
    if (wanted === this.#shown && this.#layer?.isConnected) return;
    this.#shown = wanted;
    if (!this.#layer) {
      this.#layer = document.createElement('div');
      this.#layer.className = 'carried';
      this.#layer.setAttribute('aria-hidden', 'true');
    }
    if (this.#layer.parentNode !== this.scroll) this.scroll.append(this.#layer);
    this.#layer.replaceChildren(
      ...rects.map(({ left, top, width, height }) => {
        const line = document.createElement('div');
        line.style.cssText = `left:${left - 1}px;top:${top - 1}px;width:${width + 2}px;height:${height + 2}px`;
        return line;
      }),
    );
  }
}

/** Rectangles that touch on one line become one. */
function lines(rects: readonly DOMRect[]): { left: number; top: number; right: number; bottom: number }[] {
  const out: { left: number; top: number; right: number; bottom: number }[] = [];
  for (const { left, top, right, bottom, width } of rects) {
    if (width < 0.5) continue;
    const last = out.at(-1);
    if (last && Math.abs(last.top - top) < 3 && left - last.right < 2) {
      last.right = Math.max(last.right, right);
      last.bottom = Math.max(last.bottom, bottom);
    } else out.push({ left, top, right, bottom });
  }
  return out;
}
