/**
 * Finds for each character on screen where it stands in the source it was drawn from.
 *
 * What is on screen is the source without its marks, so words are looked for one after the other, and what lies between
 * two words is matched character by character. A word that is nowhere near is left to its neighbours.
 */

const WORD = /[\p{L}\p{N}]+/gu;
/** Addresses and titles of links, which are not on screen. */
const DESTINATION = /\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+(?:"[^"]*"|'[^']*'))?\)/g;
/** Units of marks that may stand between two words. */
const NEAR = 40;
/** Places tried for one word. */
const TRIES = 8;

/**
 * For each UTF-16 unit of `shown`, its place in `source`, never falling; and one more for the end.
 * `marked` is false for text that is shown as it is, such as code.
 */
export function align(source: string, shown: string, marked = true): Int32Array {
  const places = new Int32Array(shown.length + 1);
  places[shown.length] = source.length;
  if (source === shown) {
    for (let index = 0; index < shown.length; index += 1) places[index] = index;
    return places;
  }
  const searched = marked ? source.replace(DESTINATION, (found) => `]${'\0'.repeat(found.length - 1)}`) : source;
  const words = [...shown.matchAll(WORD)];
  let from = 0;
  let filled = 0;
  for (const [index, word] of words.entries()) {
    const at = find(searched, word[0], words[index + 1]?.[0], from);
    if (at < 0) continue;
    between(source, shown, places, filled, word.index, from, at);
    for (let unit = 0; unit < word[0].length; unit += 1) places[word.index + unit] = at + unit;
    filled = word.index + word[0].length;
    from = at + word[0].length;
  }
  between(source, shown, places, filled, shown.length, from, source.length);
  return places;
}

/** Where a word stands at or after `from`: close by, or further on when the next word follows it there. */
function find(source: string, word: string, next: string | undefined, from: number): number {
  let at = source.indexOf(word, from);
  for (let tries = 0; at >= 0 && tries < TRIES; tries += 1) {
    const end = at + word.length;
    if (isWhole(source, at, end)) {
      if (at - from <= NEAR) return at;
      const follows = next === undefined ? -1 : source.indexOf(next, end);
      if (next === undefined || (follows >= 0 && follows - end <= NEAR)) return at;
    }
    at = source.indexOf(word, at + 1);
  }
  // A mark in the middle of a word makes two of it in the source.
  return -1;
}

const PART = /[\p{L}\p{N}]/u;

function isWhole(source: string, start: number, end: number): boolean {
  return !(start > 0 && PART.test(source[start - 1]!)) && !(end < source.length && PART.test(source[end]!));
}

/** Gives places to `shown` from `start` to `end`, all of them between `low` and `high` of the source. */
function between(
  source: string,
  shown: string,
  places: Int32Array,
  start: number,
  end: number,
  low: number,
  high: number,
): void {
  let at = low;
  for (let index = start; index < end; index += 1) {
    const found = source.indexOf(shown[index]!, at);
    if (found >= 0 && found < high) {
      places[index] = found;
      at = found + 1;
    } else places[index] = Math.min(at, high);
  }
}
