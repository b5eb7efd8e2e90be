import { describe, expect, it } from 'vitest';
import { align } from './align';
import { MarkdownBlocks, PlainBlocks, type Block } from './blocks';
import { create } from './patch';
import { offsetOf, rangesOf } from './places';
import { sampleMarkdown } from './sample';
import { code, parse } from './tree';

function drawn(block: Block): HTMLElement {
  const element = document.createElement('div');
  if (block.kind === 'markdown') for (const tree of parse(block.text)) element.append(create(tree));
  else if (block.kind === 'code') element.append(create(code(block.text, block.language)));
  else element.append(block.text);
  return element;
}

function blocksOf(text: string): Block[] {
  const blocks = new MarkdownBlocks();
  for (let at = 0; at < text.length; at += 37) blocks.feed(text.slice(at, at + 37));
  blocks.finish();
  return blocks.closed;
}

function* textsIn(element: HTMLElement): Generator<Text> {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) yield node as Text;
}

describe('align', () => {
  it.each([
    ['**bold** and _thin_', 'bold and thin', 'thin', 14],
    ['[the](https://a.test/the/end) the end', 'the the end', 'end', 34],
    ['[a](<x y> "the title") the rest', 'a the rest', 'rest', 27],
    ['a &amp; b &lt;c&gt; word', 'a & b <c> word', 'word', 20],
    ['un**believ**able news', 'unbelievable news', 'news', 17],
    ['😀 *crab* 😀 end', '😀 crab 😀 end', 'end', 13],
    ['日本**語**の文', '日本語の文', '文', 8],
    [`[x](https://a.test/${'long/'.repeat(60)}) after this`, 'x after this', 'this', 327],
  ])('finds a word of %j', (source, shown, word, place) => {
    const places = align(source, shown);
    expect(places[shown.lastIndexOf(word)]).toBe(place);
    expect(source.slice(place, place + word.length)).toBe(word);
  });

  it('never goes back, and ends at the end', () => {
    const places = align('# A *b* c\n\n> d `e` f', 'A b cd e f');
    for (let index = 1; index < places.length; index += 1)
      expect(places[index]).toBeGreaterThanOrEqual(places[index - 1]!);
    expect(places.at(-1)).toBe(20);
  });
});

describe('a place on screen', () => {
  it.each([1, 2, 3, 4])('leads to the same letter of the source in long answer %i', (seed) => {
    const text = sampleMarkdown(12_000, seed);
    let letters = 0;
    let right = 0;
    for (const block of blocksOf(text)) {
      const source = text.slice(block.start, block.end);
      const element = drawn(block);
      for (const node of textsIn(element)) {
        if (block.kind === 'markdown' && block.continues && node.parentElement?.closest('thead')) continue;
        for (let index = 0; index < node.length; index += 1) {
          if (!/[a-z0-9]/i.test(node.data[index]!)) continue;
          letters += 1;
          const offset = offsetOf(element, block, source, node, index);
          if (text[offset!] === node.data[index]) right += 1;
        }
      }
    }
    expect(letters).toBeGreaterThan(5_000);
    expect(right / letters, 'a click must meet the letter that was clicked on').toBeGreaterThan(0.995);
  });

  it('leads back to the range that shows it', () => {
    const text = 'First **strong** line\n\n- item one\n- item `two` end\n\n```js\nlet three = 3;\n```\n';
    for (const word of ['strong', 'item', 'two', 'end', 'three']) {
      const start = text.indexOf(word);
      const found = blocksOf(text).flatMap((block) => {
        const element = drawn(block);
        if (block.end <= start || block.start > start) return [];
        return rangesOf(element, block, text.slice(block.start, block.end), start, start + word.length);
      });
      expect(found.map((range) => range.toString()).join('')).toBe(word);
    }
  });

  it('is nowhere when an event carried only marks', () => {
    const text = '**strong**';
    const [block] = blocksOf(text);
    expect(rangesOf(drawn(block!), block!, text, 8, 10)).toEqual([]);
  });
});

describe('blocks', () => {
  it('say where they stand, without a gap that holds words', () => {
    const text = `${sampleMarkdown(20_000, 9)}\r\nlast line\r\n${'long '.repeat(2_000)}`;
    const blocks = blocksOf(text);
    let at = 0;
    for (const block of blocks) {
      expect(block.start).toBeGreaterThanOrEqual(at);
      expect(
        text
          .slice(at, block.start)
          .replace(/[`~]+\w*/g, '')
          .trim(),
      ).toBe('');
      at = block.end;
    }
    expect(text.slice(at).replace(/[`~]/g, '').trim()).toBe('');
  });

  it('of plain text are slices of it', () => {
    const text = `${'wörd 😀 '.repeat(3_000)}\nend`;
    const blocks = new PlainBlocks();
    blocks.feed(text);
    blocks.finish();
    for (const block of blocks.closed) expect(text.slice(block.start, block.end)).toBe(block.text);
    expect(blocks.closed.at(-1)!.end).toBe(text.length);
  });
});
