// The groups of texts are told apart by shape: disc, square, triangle, diamond, ring.

/** Paths around the middle of a square of 14. The last one is drawn as a line. */
const PATHS = [
  'M7 3a4 4 0 1 1 0 8a4 4 0 0 1 0-8z',
  'M3.5 3.5h7v7h-7z',
  'M7 2.5l4.5 8h-9z',
  'M7 2l5 5l-5 5l-5-5z',
  'M7 3.5a3.5 3.5 0 1 1 0 7a3.5 3.5 0 0 1 0-7z',
];
export const SHAPE_SIZE = 14;

export function shapeOf(topic: number): { path: string; isLine: boolean } {
  const at = topic % PATHS.length;
  return { path: PATHS[at]!, isLine: at === PATHS.length - 1 };
}
