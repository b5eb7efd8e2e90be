/**
 * Lights parts of an answer by a highlight of the browser, so that no element is touched. All views share one highlight,
 * because a name has only one; each takes out what it put in.
 */
import type { Block } from './blocks';
import { rangesOf } from './places';

const NAME = 'schema-fault';

/** A part of a text, in UTF-16 units. */
export interface Span {
  start: number;
  end: number;
}

interface Known {
  end: number;
  ranges: Range[];
}

export class LitParts {
  #spans: readonly Span[] = [];
  #shown: Range[] = [];
  /** What was found in closed blocks, whose elements stay as they are. */
  #known = new Map<HTMLElement, Known>();

  set(spans: readonly Span[]): void {
    this.#spans = spans;
    this.#known.clear();
  }

  /** Something is lit, or was and has to go. */
  get isWanted(): boolean {
    return this.#spans.length > 0 || this.#shown.length > 0;
  }

  /** Lights what is on screen. Belongs into a frame's reading part. */
  show(blocks: Iterable<[HTMLElement, Block]>, source: (block: Block) => string = () => ''): void {
    if (typeof Highlight === 'undefined' || !CSS.highlights) return;
    const wanted: Range[] = [];
    const known = new Map<HTMLElement, Known>();
    for (const [element, block] of blocks) {
      const before = this.#known.get(element);
      const ranges =
        before?.end === block.end && before.ranges.every(holds) ? before.ranges : this.#find(element, block, source);
      known.set(element, { end: block.end, ranges });
      wanted.push(...ranges);
    }
    this.#known = known;
    if (wanted.length === this.#shown.length && wanted.every((range, index) => range === this.#shown[index])) return;
    let highlight = CSS.highlights.get(NAME);
    if (!highlight) CSS.highlights.set(NAME, (highlight = new Highlight()));
    for (const range of this.#shown) highlight.delete(range);
    for (const range of wanted) highlight.add(range);
    this.#shown = wanted;
  }

  #find(element: HTMLElement, block: Block, source: (block: Block) => string): Range[] {
    const within = this.#spans.filter(({ start, end }) => start < block.end && end > block.start);
    if (within.length === 0) return [];
    const text = source(block);
    return within.flatMap(({ start, end }) => rangesOf(element, block, text, start, end));
  }
}

/** Colours may have come since, and with them other text nodes. */
function holds(range: Range): boolean {
  return range.startContainer.isConnected && !range.collapsed;
}
