// Browsers refuse elements taller than some ten million pixels. Above that, the scroll bar stands for the whole and each
// of its pixels for several; wheel and keys still move by what they say.

/** CSS pixels that every browser grants. */
export const TALLEST = 8_000_000;

export interface ScrollScale {
  /** Height of what is scrolled through. */
  height: number;
  /** What the scroll bar has: at most `TALLEST`. */
  scrolled: number;
  /** One pixel of the scroll bar is more than one pixel. */
  scaled: boolean;
  /** How far down the whole is, from what the scroll bar says, and back. */
  toTop(scroll: number): number;
  toScroll(top: number): number;
}

export function scrollScale(height: number, viewport: number): ScrollScale {
  const scrolled = Math.min(height, TALLEST);
  const scaled = height > TALLEST;
  const factor = scaled ? (height - viewport) / Math.max(1, scrolled - viewport) : 1;
  return {
    height,
    scrolled,
    scaled,
    toTop: (scroll) => Math.min(Math.max(0, height - viewport), Math.max(0, scroll * factor)),
    toScroll: (top) => top / factor,
  };
}
