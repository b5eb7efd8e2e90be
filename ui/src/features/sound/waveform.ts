// A sound as bars of 2 pixels with 1 pixel between them.
const STEP = 3;
const BAR = 2;
/** Silence is seen as well. */
const LEAST = 2;

/** As many bars as fit into `width` pixels, each the loudest of the peaks that it stands for, 0 to 255. */
export function barsOf(peaks: readonly number[], width: number): number[] {
  const count = Math.min(peaks.length, Math.max(0, Math.floor((width + 1) / STEP)));
  return Array.from({ length: count }, (_, bar) => {
    const from = Math.floor((bar * peaks.length) / count);
    const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / count));
    return peaks.slice(from, to).reduce((most, peak) => Math.max(most, peak), 0);
  });
}

/** The path of these bars around the middle of `height` pixels; `first` is the place of the first one. */
export function barPath(bars: readonly number[], height: number, first: number): string {
  return bars
    .map((bar, index) => {
      const tall = Math.max(LEAST, Math.round((bar / 255) * height));
      return `M${(first + index) * STEP} ${(height - tall) / 2}h${BAR}v${tall}h-${BAR}z`;
    })
    .join('');
}
