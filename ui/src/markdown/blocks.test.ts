import { describe, expect, it } from 'vitest';
import { HARD_LIMIT, MarkdownBlocks, PlainBlocks, type Block } from './blocks';
import { sampleMarkdown, seeded } from './sample';

function whole(text: string): Block[] {
  const blocks = new MarkdownBlocks();
  blocks.feed(text);
  blocks.finish();
  return blocks.closed;
}

function inPieces(text: string, random: () => number, longest: number): Block[] {
  const blocks = new MarkdownBlocks();
  for (let at = 0; at < text.length;) {
    const size = 1 + Math.floor(random() * longest);
    blocks.feed(text.slice(at, at + size));
    blocks.open();
    at += size;
  }
  blocks.finish();
  return blocks.closed;
}

const awkward = [
  'one\ntwo\n\nthree',
  '# Title\ntext\n---\n***\n',
  '- a\n- b\n\n  more of b\n- c\n\nafter',
  '1. a\n   ```js\n   let x = 1;\n\n   let y;\n   ```\n2. b',
  '```py\nprint("``")\n````\ntext after',
  '~~~\n```\n~~~\n> quote\nlazy\n\n    indented\n\nend',
  '| a | b |\n|---|---|\n| 1 | 2 |\n\nText | with a bar\nno table',
  'a\r\nb\r\n\r\nc\r\n',
  `${'word '.repeat(3_000)}\n\nend`,
  `${'😀'.repeat(5_000)}`,
  '```\n' + 'x'.repeat(9_000) + '\nshort\n'.repeat(900) + '```\nafter',
  Array.from({ length: 400 }, (_, n) => `- item ${n} with some words to make it longer`).join('\n'),
  '| n | words |\n|---|---|\n' + Array.from({ length: 300 }, (_, n) => `| ${n} | some words in a row |`).join('\n'),
  '- item\n\n  ' + 'long words in an item '.repeat(400) + '\n\n  more\n- next',
  '```unclosed\ncode',
  'Setext\n===\n\nx\n-\n',
  '<div>\n<script>alert(1)</script>\n</div>\n',
];

describe('MarkdownBlocks', () => {
  it.each(awkward.map((text, index) => [index, text] as const))(
    'cuts awkward text %i the same however it arrives',
    (index, text) => {
      const expected = whole(text);
      for (let seed = 1; seed <= 25; seed += 1) {
        expect(
          inPieces(text, seeded(seed * 31 + index), seed % 2 ? 7 : 900),
          'cuts must not depend on arrival',
        ).toEqual(expected);
      }
    },
  );

  it('cuts long answers the same however they arrive', () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const text = sampleMarkdown(30_000, seed);
      expect(inPieces(text, seeded(seed), 60)).toEqual(whole(text));
    }
  });

  it('never changes a block that it closed', () => {
    const text = sampleMarkdown(20_000, 3);
    const blocks = new MarkdownBlocks();
    const seen: Block[] = [];
    for (let at = 0; at < text.length; at += 37) {
      blocks.feed(text.slice(at, at + 37));
      expect(blocks.closed.slice(0, seen.length)).toEqual(seen);
      seen.push(...blocks.closed.slice(seen.length));
    }
  });

  it.each(awkward.map((text, index) => [index, text] as const))(
    'keeps the open block small in awkward text %i',
    (_, text) => {
      const blocks = new MarkdownBlocks();
      for (let at = 0; at < text.length; at += 50) {
        blocks.feed(text.slice(at, at + 50));
        expect(blocks.open()?.text.length ?? 0, 'what is parsed each frame must stay bounded').toBeLessThan(
          HARD_LIMIT * 2.2,
        );
      }
    },
  );

  it('loses no word of the text', () => {
    const text = sampleMarkdown(40_000, 5);
    const words = (from: string) => from.replace(/[^a-z0-9]+/gi, ' ').trim();
    const kept = whole(text).map((block) =>
      block.kind === 'code' && block.first ? `${block.language}\n${block.text}` : block.text,
    );
    expect(words(kept.join('\n'))).toBe(words(text));
  });

  it('repeats the head of a table that is cut, so that each piece is a table', () => {
    const pieces = whole(awkward[12]!);
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) expect(piece.text.startsWith('| n | words |\n|---|---|\n')).toBe(true);
    expect(pieces.map((piece) => piece.kind === 'markdown' && piece.continues)).toEqual(
      pieces.map((_, index) => index > 0),
    );
  });

  it('never cuts a surrogate pair in two', () => {
    for (const block of whole(awkward[9]!)) expect(block.text.isWellFormed()).toBe(true);
  });
});

describe('PlainBlocks', () => {
  it('keeps every character, however the text arrives', () => {
    const text = sampleMarkdown(25_000, 2) + '😀'.repeat(4_000);
    for (const step of [1, 13, 5_000, text.length]) {
      const blocks = new PlainBlocks();
      for (let at = 0; at < text.length; at += step) blocks.feed(text.slice(at, at + step));
      blocks.finish();
      expect(blocks.closed.map((block) => block.text).join('')).toBe(text);
    }
  });
});
