/** A scroll area that follows its end, as long as the person is at the end. */
const AT_END = 4;
const REACHING = ['wheel', 'touchmove', 'keydown', 'pointerdown', 'pointermove', 'focusin'] as const;
/** A scroll bar lies within this many pixels of the right edge. */
const BAR = 18;

export class Scroller {
  following = true;
  /** False while the area is scrolled out of the window, as lanes far to the right are. */
  visible = true;
  height: number;
  width: number;
  #lastTop = 0;
  #end = 0;
  #reachedAt = -Infinity;
  #resize: ResizeObserver | null = null;
  #sight: IntersectionObserver | null = null;
  #onScroll = new Set<() => void>();
  #onFollowing = new Set<(following: boolean) => void>();

  constructor(readonly element: HTMLElement) {
    this.height = element.clientHeight || 400;
    this.width = element.clientWidth || 320;
    element.addEventListener('scroll', this.#scrolled, { passive: true });
    for (const kind of REACHING) element.addEventListener(kind, this.#reached, { passive: true });
    if (typeof ResizeObserver !== 'undefined') {
      this.#resize = new ResizeObserver(() => {
        this.height = element.clientHeight || this.height;
        this.width = element.clientWidth || this.width;
        if (this.following) this.toEnd();
        for (const listener of this.#onScroll) listener();
      });
      this.#resize.observe(element);
    }
    if (typeof IntersectionObserver !== 'undefined') {
      this.#sight = new IntersectionObserver((entries) => {
        const visible = entries.at(-1)!.isIntersecting;
        if (visible === this.visible) return;
        this.visible = visible;
        if (visible) for (const listener of this.#onScroll) listener();
      });
      this.#sight.observe(element);
    }
  }

  destroy(): void {
    this.element.removeEventListener('scroll', this.#scrolled);
    for (const kind of REACHING) this.element.removeEventListener(kind, this.#reached);
    this.#resize?.disconnect();
    this.#sight?.disconnect();
  }

  onScroll(listener: () => void): () => void {
    this.#onScroll.add(listener);
    return () => this.#onScroll.delete(listener);
  }

  onFollowing(listener: (following: boolean) => void): () => void {
    this.#onFollowing.add(listener);
    return () => this.#onFollowing.delete(listener);
  }

  follow(): void {
    this.#setFollowing(true);
    this.toEnd();
    for (const listener of this.#onScroll) listener();
  }

  /** Stops following, because something else is to be seen. */
  leave(): void {
    this.#setFollowing(false);
  }

  toEnd(): void {
    this.measure();
    this.settle();
  }

  /** Reads where the end is; `settle` goes there without reading again. */
  measure(): void {
    this.#end = this.element.scrollHeight - this.element.clientHeight;
  }

  settle(): void {
    if (this.#end <= this.#lastTop && this.#end >= this.#lastTop - 1) return;
    this.element.scrollTop = this.#end;
    this.#lastTop = this.#end;
  }

  /** Moves the content by `difference` without changing what the person sees. */
  shift(difference: number): void {
    this.element.scrollTop += difference;
    this.#lastTop = this.element.scrollTop;
  }

  /** The person reached for something that scrolls. Text that moves under a resting pointer makes `pointermove` too, so
      only a pressed button or the scroll bar counts there. */
  #reached = (event: Event): void => {
    if (event.type === 'pointermove') {
      const { buttons, offsetX, target } = event as PointerEvent;
      if (buttons === 0 && !(target === this.element && offsetX > this.width - BAR)) return;
    }
    this.#reachedAt = performance.now();
  };

  #scrolled = (): void => {
    // Following makes a scroll event in each frame, and reading sizes then would lay the page out once more.
    if (this.following && performance.now() - this.#reachedAt > 1000) return;
    const { element } = this;
    const top = element.scrollTop;
    const left = element.scrollHeight - element.clientHeight - top;
    if (left <= AT_END) this.#setFollowing(true);
    else if (top < this.#lastTop - 1) this.#setFollowing(false);
    this.#lastTop = top;
    if (!this.following) for (const listener of this.#onScroll) listener();
  };

  #setFollowing(following: boolean): void {
    if (this.following === following) return;
    this.following = following;
    for (const listener of this.#onFollowing) listener(following);
  }
}
