// Axes of the charts: where a value stands, in per cent of the width, and where lines are drawn.
export interface Scale {
  at(value: number): number;
  ticks: number[];
}

/** Steps that people count in: 1, 2 or 5 times a power of ten, and 25. */
export function niceStep(span: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(span / most, Number.MIN_VALUE)));
  return [1, 2, 2.5, 5, 10].map((times) => times * power).find((step) => span / step <= most) ?? 10 * power;
}

/** From a little below the least to a little above the most. */
export function scaleOf(values: readonly number[], most = 5): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = high - low || Math.abs(high) || 1;
  const [from, to] = [low - span * 0.04, high + span * 0.04];
  const step = niceStep(to - from, most);
  const ticks: number[] = [];
  for (let tick = Math.ceil(from / step); tick * step <= to; tick += 1)
    ticks.push(Number((tick * step).toPrecision(12)));
  return { at: (value) => ((value - from) / (to - from)) * 100, ticks };
}

/** Dots of a row that would lie on each other are moved up and down. `width` and `size` in pixels; `x` in per cent. */
export function swarm(
  places: readonly number[],
  width: number,
  size: number,
  rows: number,
): { x: number; row: number }[] {
  const taken: number[] = [];
  const order = [0, ...Array.from({ length: Math.floor(rows / 2) }, (_, at) => [-(at + 1), at + 1]).flat()];
  return [...places]
    .sort((one, other) => one - other)
    .map((x) => {
      const pixel = (x / 100) * width;
      const row = order.findIndex((_, at) => pixel - (taken[at] ?? -Infinity) >= size);
      const chosen = row < 0 ? 0 : row;
      taken[chosen] = pixel;
      return { x, row: order[chosen] ?? 0 };
    });
}
