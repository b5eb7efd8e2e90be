// Pictures that need no file: PNGs whose pixels are stored without compression.

const WIDTH = 144;
const HEIGHT = 96;

const CRC = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc(bytes: readonly number[]): number {
  return (bytes.reduce((sum, byte) => CRC[(sum ^ byte) & 0xff]! ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
}

function adler(bytes: readonly number[]): number {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

const large = (value: number) => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
const little = (value: number) => [value & 0xff, value >>> 8];

/** One chunk of a PNG. */
export function chunk(name: string, data: readonly number[]): number[] {
  const body = [...[...name].map((letter) => letter.charCodeAt(0)), ...data];
  return [...large(data.length), ...body, ...large(crc(body))];
}

/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** A gradient with a disc, as base64; with less than 1 it is not finished. */
export function picture(progress = 1): string {
  const png = pngOf(WIDTH, HEIGHT, (x, y) => {
    const inside = Math.hypot(x - WIDTH * 0.62, y - HEIGHT * 0.46) < 26 * progress;
    const shade = 60 + Math.round((y / HEIGHT) * 120);
    return inside ? [232, 190, 96] : [shade >> 1, shade, Math.min(255, shade + 50)];
  });
  return btoa(png.map((byte) => String.fromCharCode(byte)).join(''));
}

/** The bytes of a PNG. */
export function pngOf(width: number, height: number, colourAt: (x: number, y: number) => Colour): number[] {
  const data: number[] = [];
  for (let y = 0; y < height; y += 1) {
    data.push(0);
    for (let x = 0; x < width; x += 1) data.push(...colourAt(x, y));
  }
  const blocks: number[] = [0x78, 0x01];
  for (let at = 0; at < data.length; at += 65_535) {
    const block = data.slice(at, at + 65_535);
    blocks.push(at + 65_535 >= data.length ? 1 : 0, ...little(block.length), ...little(~block.length & 0xffff));
    for (const byte of block) blocks.push(byte);
  }
  blocks.push(...large(adler(data)));
  return [
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk('IHDR', [...large(width), ...large(height), 8, 2, 0, 0, 0]),
    ...chunk('IDAT', blocks),
    ...chunk('IEND', []),
  ];
}

/** Pixels that an edge of a picture has at most. */
const LONGEST_EDGE = 32_768;

/** Why a picture of this size is not decoded, in the words of the app, or `null`. */
export function tooLarge(width: number, height: number): string | null {
  if (Math.max(width, height) <= LONGEST_EDGE) return null;
  return `The picture has more than ${LONGEST_EDGE} pixels on an edge, or needs too much memory.`;
}
