// Thousands of points as pixels. Each is a small square of one colour, so writing it is faster than asking a canvas to draw
// it, and one picture of all of them goes to the canvas at once.

/** How places on the map become places on screen: `x * scaleX + left`, `y * scaleY + top`. */
export interface Placement {
  scaleX: number;
  scaleY: number;
  left: number;
  top: number;
}

export interface Pixels {
  /** One number for each pixel, row by row. */
  data: Uint32Array;
  width: number;
  height: number;
  /** Pixels of the screen for one of the page. */
  ratio: number;
}

/** Writes every point as a square around its place; `side` in pixels of the page. What has no place is left out. */
export function writeDots(
  points: Float32Array,
  { scaleX, scaleY, left, top }: Placement,
  pixels: Pixels,
  side: number,
  tone: number,
): void {
  const { data, width, height, ratio } = pixels;
  const size = Math.max(1, Math.round(side * ratio));
  const half = size / 2;
  for (let at = 0; at + 1 < points.length; at += 2) {
    const x = Math.round((points[at]! * scaleX + left) * ratio - half);
    const y = Math.round((points[at + 1]! * scaleY + top) * ratio - half);
    // Not a number is in no range either.
    if (!(x > -size && y > -size && x < width && y < height)) continue;
    const right = Math.min(width, x + size);
    const bottom = Math.min(height, y + size);
    // Written one by one: to fill three numbers at a time costs several times as much.
    for (let line = Math.max(0, y); line < bottom; line += 1)
      for (let column = Math.max(0, x); column < right; column += 1) data[line * width + column] = tone;
  }
}

/** The row nearest to a place on screen, no farther away than `reach`. */
export function nearestDot(
  points: Float32Array,
  { scaleX, scaleY, left, top }: Placement,
  where: { x: number; y: number },
  reach: number,
): number | null {
  let [best, least] = [null as number | null, reach * reach];
  for (let at = 0; at + 1 < points.length; at += 2) {
    const x = points[at]! * scaleX + left - where.x;
    const y = points[at + 1]! * scaleY + top - where.y;
    const square = x * x + y * y;
    if (square < least) {
      best = at / 2;
      least = square;
    }
  }
  return best;
}

/** A colour as the number of a pixel, in the order of bytes of this machine. */
export function pixelOf(color: string): number {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return 0;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer)[0] ?? 0;
}
