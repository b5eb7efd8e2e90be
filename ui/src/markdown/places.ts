/** From a place in the document to the place in the source of a block, and back. */
import { align } from './align';
import type { Block } from './blocks';

interface Aligned {
  shown: string;
  places: Int32Array;
}

const known = new WeakMap<HTMLElement, Aligned>();

/** The texts of a drawn block in order, without what is repeated only for the sake of the picture. */
function* texts(element: HTMLElement, block: Block): Generator<Text> {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const repeatsHead = block.kind === 'markdown' && block.continues;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (repeatsHead && node.parentElement?.closest('thead')) continue;
    yield node as Text;
  }
}

function aligned(element: HTMLElement, block: Block, source: string): Int32Array {
  let shown = '';
  for (const text of texts(element, block)) shown += text.data;
  const before = known.get(element);
  if (before && before.shown === shown) return before.places;
  const places = align(source, shown, block.kind === 'markdown');
  known.set(element, { shown, places });
  return places;
}

/** Where in the whole text the character stands that a place in a drawn block is before. */
export function offsetOf(
  element: HTMLElement,
  block: Block,
  source: string,
  node: Node,
  offset: number,
): number | null {
  let before = 0;
  for (const text of texts(element, block)) {
    if (text === node) return block.start + aligned(element, block, source)[before + offset]!;
    before += text.length;
  }
  return null;
}

/** The ranges of a drawn block that show a part of the whole text; none when only marks stand there. */
export function rangesOf(element: HTMLElement, block: Block, source: string, start: number, end: number): Range[] {
  const places = aligned(element, block, source);
  const ranges: Range[] = [];
  let before = 0;
  for (const text of texts(element, block)) {
    let first = -1;
    let last = -1;
    for (let index = 0; index < text.length; index += 1) {
      const at = block.start + places[before + index]!;
      if (at < start || at >= end) continue;
      if (first < 0) first = index;
      last = index + 1;
    }
    before += text.length;
    if (first < 0) continue;
    const range = document.createRange();
    range.setStart(text, first);
    range.setEnd(text, last);
    ranges.push(range);
  }
  return ranges;
}
