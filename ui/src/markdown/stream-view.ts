/**
 * Draws a growing text, outside of any framework.
 *
 * The document holds a window of blocks: the last ones while the view follows the end, those around the visible part
 * otherwise. Two spacers stand for the rest, whose heights are remembered or, before they were ever drawn, estimated.
 */
import type { ChunkedText } from '../state/runs/chunked-text';
import type { View } from '../state/runs/painter';
import { MarkdownBlocks, PlainBlocks, type Block, type BlockSource } from './blocks';
import { highlightLater } from './highlight';
import { LitParts, type Span } from './lit';
import { AnswerMark } from './mark';
import { create, patch } from './patch';
import { offsetOf, rangesOf } from './places';
import type { Scroller } from './scroller';
import { code, json, parse, type Tree } from './tree';

const MAX_BLOCKS = 40;
/** Blocks above `MAX_BLOCKS` that may stay until the next time some are taken away. */
const SLACK = 8;
/** Heights of the view that stay above its end while it follows: what is laid out and painted each frame. */
const KEPT_VIEWS = 2;
/** Characters handed to the block cutter at a time. */
const STEP = 16_384;

export interface StreamOptions {
  form: 'markdown' | 'plain' | 'json';
  /** Elements that this view may keep in the document beyond what is visible. */
  elements: number;
}

interface Drawn {
  element: HTMLElement;
  elements: number;
}

export class StreamView implements View {
  #blocks: BlockSource;
  #cursor = 0;
  #finished = false;
  /** Heights of closed blocks, measured or estimated. */
  #heights: number[] = [];
  #first = 0;
  #drawn: Drawn[] = [];
  #top: HTMLElement;
  #bottom: HTMLElement;
  #open: { element: HTMLElement; tree: readonly Tree[]; block: Block } | null = null;
  #stale = false;
  /** First block that is to stay, when there are too many. */
  #trimTo = 0;
  #mark: AnswerMark | null = null;
  #marked: Span | null = null;
  readonly #lit = new LitParts();
  /** What is marked is to come into sight: at once when it is drawn, else after the jump to where it may be. */
  #reveal: 'no' | 'wanted' | 'jumped' = 'no';

  constructor(
    readonly root: HTMLElement,
    readonly text: ChunkedText,
    readonly scroller: Scroller,
    readonly options: StreamOptions,
  ) {
    this.#blocks = options.form === 'markdown' ? new MarkdownBlocks() : new PlainBlocks(options.form);
    this.#top = spacer();
    this.#bottom = spacer();
    root.replaceChildren(this.#top, this.#bottom);
  }

  /** No more text will come once all that is there has been drawn. */
  finish(): void {
    this.#finished = true;
  }

  /** The visible part changed. */
  scrolled(): void {
    this.#stale = true;
  }

  /** Marks a part of the text, in UTF-16 units, and brings it into sight; the caller has this view painted. */
  mark(start: number, end: number): void {
    this.#mark ??= new AnswerMark(this.scroller.element);
    this.#marked = { start, end };
    this.#reveal = 'wanted';
  }

  unmark(): void {
    this.#marked = null;
    this.#reveal = 'no';
    this.#mark?.hide();
  }

  /** Lights these parts of the text and no others; the caller has this view painted. */
  light(spans: readonly Span[]): void {
    this.#lit.set(spans);
  }

  /** The view is no longer shown. */
  leave(): void {
    this.unmark();
    this.#lit.set([]);
    this.#lit.show([]);
  }

  get isMarking(): boolean {
    return this.#marked !== null;
  }

  /** Where in the text the character stands that a place in the document is before. */
  offsetAt(node: Node, offset: number): number | null {
    for (const [element, block] of this.#onScreen()) {
      if (element.contains(node)) return offsetOf(element, block, this.#source(block), node, offset);
    }
    return null;
  }

  get blocks(): number {
    return this.#blocks.closed.length;
  }

  write(deadline: number): boolean {
    do {
      const piece = this.text.from(this.#cursor, STEP);
      if (piece === '') break;
      this.#cursor += piece.length;
      this.#blocks.feed(piece);
    } while (performance.now() < deadline);
    const behind = this.#cursor < this.text.length;
    if (this.#finished && !behind) this.#blocks.finish();
    this.#estimate();
    // Nobody sees it: the text is taken in, and drawn when it comes into sight or is complete.
    if (!this.#draws) return behind;
    if (this.scroller.following) this.#drawEnd();
    else if (this.#heights.length > this.#end || this.#stale) this.#drawAround();
    this.#stale = false;
    this.#drawOpen();
    if (this.#reveal === 'wanted' && !behind) this.#jump();
    return behind;
  }

  get #draws(): boolean {
    return this.scroller.visible || this.#finished;
  }

  measure(): void {
    this.#placeMark();
    if (this.#lit.isWanted) this.#lit.show(this.#onScreen(), (block) => this.#source(block));
    this.#trimTo = 0;
    if (!this.scroller.following || !this.#draws) return;
    this.scroller.measure();
    const crowded =
      this.#drawn.length > MAX_BLOCKS + SLACK ||
      this.#elements() > this.options.elements * 1.25 ||
      sum(this.#heights, this.#first, this.#end) > this.scroller.height * (KEPT_VIEWS + 1.5);
    const [least, most] = crowded ? this.#tail() : [0, 0];
    this.#trimTo = Math.min(least, most);
    if (crowded && this.#trimTo > this.#first) this.#measure(this.#trimTo);
  }

  scroll(): void {
    if (this.scroller.following && this.#draws) this.scroller.settle();
  }

  trim(): void {
    if (!this.scroller.following || this.#trimTo <= this.#first) return;
    this.#window(this.#trimTo, this.#end);
    // A spacer is seldom exactly as high as what it stands for. While text comes, the next frame finds the new end; after
    // the last piece nobody else would.
    if (this.#finished) this.scroller.toEnd();
  }

  *#onScreen(): Generator<[HTMLElement, Block]> {
    const { closed } = this.#blocks;
    for (const [index, drawn] of this.#drawn.entries()) yield [drawn.element, closed[this.#first + index]!];
    if (this.#open) yield [this.#open.element, this.#open.block];
  }

  #source(block: Block): string {
    return this.text.from(block.start, block.end - block.start);
  }

  #markedRanges(): Range[] {
    const marked = this.#marked;
    if (!marked) return [];
    const ranges: Range[] = [];
    for (const [element, block] of this.#onScreen()) {
      if (block.end <= marked.start || block.start >= marked.end) continue;
      ranges.push(...rangesOf(element, block, this.#source(block), marked.start, marked.end));
    }
    return ranges;
  }

  /** A part that is not in the document comes back before it can be marked. */
  #jump(): void {
    const { closed } = this.#blocks;
    const { start } = this.#marked!;
    const after = closed.findIndex((block) => block.end > start);
    const index = after < 0 ? closed.length : after;
    this.#reveal = 'jumped';
    if (index >= this.#first && index <= this.#end) return;
    const { element, height } = this.scroller;
    this.scroller.leave();
    const top = this.root.getBoundingClientRect().top - element.getBoundingClientRect().top;
    this.scroller.shift(top + sum(this.#heights, 0, index) - height / 3);
    this.#drawAround();
    this.#drawOpen();
  }

  #placeMark(): void {
    if (!this.#marked || !this.#mark) return;
    const ranges = this.#markedRanges();
    if (this.#reveal === 'jumped') {
      this.#reveal = 'no';
      this.#bringIntoSight(ranges[0]);
    }
    this.#mark.show(ranges);
  }

  #bringIntoSight(range: Range | undefined): void {
    const rect = range?.getBoundingClientRect?.();
    if (!rect || (rect.width === 0 && rect.height === 0)) return;
    const { element } = this.scroller;
    const box = element.getBoundingClientRect();
    if (rect.top >= box.top && rect.bottom <= box.bottom) return;
    const scale = element.offsetWidth > 0 ? box.width / element.offsetWidth : 1;
    this.scroller.leave();
    this.scroller.shift((rect.top - box.top - box.height / 3) / scale);
  }

  get #end(): number {
    return this.#first + this.#drawn.length;
  }

  #elements(): number {
    let count = 0;
    for (const drawn of this.#drawn) count += drawn.elements;
    return count;
  }

  #estimate(): void {
    const perLine = Math.max(20, this.scroller.width / 7);
    const { closed } = this.#blocks;
    for (let index = this.#heights.length; index < closed.length; index += 1) {
      const block = closed[index]!;
      const lines = block.kind === 'code' ? block.text.split('\n').length : Math.ceil(block.text.length / perLine) + 1;
      this.#heights.push(lines * 20);
    }
  }

  /** First block that must be drawn so that the end fills the view, and the first that may be. */
  #tail(): [least: number, most: number] {
    const count = this.#heights.length;
    let height = 0;
    let least = count;
    while (least > 0 && height < this.scroller.height * 1.5) height += this.#heights[(least -= 1)]!;
    let most = least;
    let elements = 0;
    for (let index = this.#end - 1; index >= least; index -= 1)
      elements += this.#drawn[index - this.#first]?.elements ?? 0;
    while (most > this.#first && count - most < MAX_BLOCKS) {
      elements += this.#drawn[most - 1 - this.#first]?.elements ?? 0;
      height += this.#heights[most - 1]!;
      if (elements > this.options.elements || height > this.scroller.height * KEPT_VIEWS) break;
      most -= 1;
    }
    return [least, most];
  }

  #drawEnd(): void {
    const count = this.#heights.length;
    if (count === this.#end && this.#first === 0) return;
    const [least] = this.#tail();
    if (count === this.#end && this.#first <= least) return;
    this.#window(Math.min(least, this.#end < least ? least : this.#first), count);
  }

  /** The blocks within a view's height of what is visible. */
  #drawAround(): void {
    const { element, height } = this.scroller;
    const offset = this.root.getBoundingClientRect().top - element.getBoundingClientRect().top;
    this.#measure();
    const from = -offset - height;
    const to = -offset + height * 2;
    let position = 0;
    let first = 0;
    const count = this.#heights.length;
    while (first < count - 1 && position + this.#heights[first]! < from) position += this.#heights[first++]!;
    let end = first;
    while (end < count && position < to && end - first < MAX_BLOCKS) position += this.#heights[end++]!;
    if (first === this.#first && end === this.#end) return;
    const anchor = this.#drawn.find((drawn, index) => {
      const at = this.#first + index;
      return (
        at >= first && at < end && drawn.element.getBoundingClientRect().bottom > element.getBoundingClientRect().top
      );
    })?.element;
    const before = anchor?.getBoundingClientRect().top ?? 0;
    this.#window(first, end);
    if (anchor) {
      const moved = anchor.getBoundingClientRect().top - before;
      if (Math.abs(moved) >= 1) this.scroller.shift(moved);
    }
  }

  #measure(end = Infinity): void {
    for (const [index, drawn] of this.#drawn.entries()) {
      if (this.#first + index >= end) break;
      const height = drawn.element.offsetHeight;
      if (height > 0) this.#heights[this.#first + index] = height;
    }
  }

  /** Makes the document hold exactly the closed blocks from `first` up to `end`. */
  #window(first: number, end: number): void {
    const { closed } = this.#blocks;
    if (first >= this.#end || end <= this.#first) {
      for (const drawn of this.#drawn) drawn.element.remove();
      this.#drawn = [];
      this.#dropOpenUnless(first === this.#end && first < end);
      this.#first = first;
    }
    while (this.#first < first) {
      this.#drawn.shift()!.element.remove();
      this.#first += 1;
    }
    while (this.#end > end) this.#drawn.pop()!.element.remove();
    while (this.#first > first) {
      const drawn = draw(closed[this.#first - 1]!);
      this.root.insertBefore(drawn.element, this.#drawn[0]?.element ?? this.#open?.element ?? this.#bottom);
      this.#drawn.unshift(drawn);
      this.#first -= 1;
    }
    while (this.#end < end) {
      const block = closed[this.#end]!;
      const drawn = this.#promote(block) ?? draw(block);
      if (drawn.element.parentNode !== this.root)
        this.root.insertBefore(drawn.element, this.#open?.element ?? this.#bottom);
      this.#drawn.push(drawn);
    }
    setHeight(this.#top, sum(this.#heights, 0, first));
    setHeight(this.#bottom, sum(this.#heights, end, this.#heights.length));
  }

  /** The element of the open block becomes that of the closed one, so that nothing on screen is made twice. */
  #promote(block: Block): Drawn | null {
    const open = this.#open;
    if (!open || open.block.kind !== block.kind) return null;
    this.#open = null;
    const tree = treeOf(block);
    patch(open.element, open.tree, tree);
    open.element.className = classOf(block);
    return drawn(open.element, block, tree);
  }

  #dropOpenUnless(keep: boolean): void {
    if (keep) return;
    this.#open?.element.remove();
    this.#open = null;
  }

  #drawOpen(): void {
    const block = this.#end === this.#heights.length ? this.#blocks.open() : null;
    if (!block) return this.#dropOpenUnless(false);
    const tree = treeOf(block);
    if (!this.#open) {
      const element = document.createElement('div');
      this.#open = { element, tree: [], block };
      this.root.insertBefore(element, this.#bottom);
    }
    patch(this.#open.element, this.#open.tree, tree);
    this.#open.tree = tree;
    this.#open.block = block;
    const name = `${classOf(block)} open`;
    if (this.#open.element.className !== name) this.#open.element.className = name;
  }
}

function treeOf(block: Block): readonly Tree[] {
  if (block.kind === 'markdown') return parse(block.text);
  if (block.kind === 'json') return [json(block.text)];
  return block.kind === 'code' ? [code(block.text, block.language)] : [block.text];
}

function classOf(block: Block): string {
  if (block.kind === 'plain' || block.kind === 'json') return `block ${block.kind}`;
  if (block.kind === 'markdown') return block.continues ? 'block continues' : 'block';
  return `block code${block.first ? ' first' : ''}${block.last ? ' last' : ''}`;
}

function draw(block: Block): Drawn {
  const element = document.createElement('div');
  element.className = classOf(block);
  const tree = treeOf(block);
  for (const child of tree) element.append(create(child));
  return drawn(element, block, tree);
}

function drawn(element: HTMLElement, block: Block, tree: readonly Tree[]): Drawn {
  let elements = 1 + count(tree);
  for (const code of element.querySelectorAll<HTMLElement>('pre > code[data-language]')) {
    highlightLater(code);
    // Spans come with the colours, about one for this many characters.
    elements += Math.ceil(code.textContent!.length / 20);
  }
  return { element, elements };
}

function count(trees: readonly Tree[]): number {
  let elements = 0;
  for (const tree of trees) if (typeof tree !== 'string') elements += 1 + count(tree.children);
  return elements;
}

function spacer(): HTMLElement {
  const element = document.createElement('div');
  element.setAttribute('aria-hidden', 'true');
  return element;
}

function setHeight(element: HTMLElement, height: number): void {
  const value = height > 0 ? `${Math.round(height)}px` : '';
  if (element.style.height !== value) element.style.height = value;
}

function sum(values: readonly number[], from: number, to: number): number {
  let total = 0;
  for (let index = from; index < to; index += 1) total += values[index]!;
  return total;
}
