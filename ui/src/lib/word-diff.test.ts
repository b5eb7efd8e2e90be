import { describe, expect, it } from 'vitest';
import pairs from './word-diff.pairs.json';
import { matchesOf } from './sequence-diff';
import { sentencesOf, wordsOf } from './text-tokens';
import { countOf, textDiff, withoutEdges, wordDiff, type DiffPart } from './word-diff';

/** The text with `[-what went-]` and `{+what came+}`, as it is drawn: without the space around a change. */
function marked(parts: readonly DiffPart[]): string {
  return parts
    .map(({ kind, text }) => {
      if (kind === 'same') return text;
      const { lead, core, trail } = withoutEdges(text);
      return lead + (kind === 'added' ? `{+${core}+}` : `[-${core}-]`) + trail;
    })
    .join('');
}

const without = (parts: readonly DiffPart[], kind: DiffPart['kind']) =>
  parts
    .filter((part) => part.kind !== kind)
    .map(({ text }) => text)
    .join('');

describe('the words that changed', () => {
  it('are prepared in thirty pairs at least', () => expect(pairs.length).toBeGreaterThanOrEqual(30));

  it.each(pairs)('$name', ({ before, after, marked: expected }) => {
    const parts = wordDiff(before, after);
    expect(marked(parts)).toBe(expected);
    expect(without(parts, 'added')).toBe(before);
    expect(without(parts, 'removed')).toBe(after);
  });

  it.each(pairs)('the other way round: $name', ({ before, after }) => {
    const parts = wordDiff(after, before);
    expect(without(parts, 'added')).toBe(after);
    expect(without(parts, 'removed')).toBe(before);
  });

  it.each([
    ['same', 'same', 'same'],
    ['', '', ''],
    ['', 'new', '{+new+}'],
    ['old', '', '[-old-]'],
    ['Be brief and kind', 'Be long or rude', 'Be [-brief and kind-]{+long or rude+}'],
    ['one two\n\nthree', 'five six\n\nseven', '[-one two-]{+five six+}\n\n[-three-]{+seven+}'],
    ['a  b', 'a b', 'a [- -]b'],
    ['x\n\ny', 'x\ny', 'x\n[-\n-]y'],
    ['x\ny ', 'x\r\ny', 'x{+\r+}\ny[- -]'],
    ['one line', 'one\nline', 'one[- -]{+\n+}line'],
  ])('%j, then %j', (before, after, expected) => expect(marked(wordDiff(before, after))).toBe(expected));

  it('are counted', () => {
    const before = 'Hello Maren, order 7 is here. 👍';
    const after = 'Hello Ann, order 7 has come. 👍';
    expect(textDiff(before, after, 'words')).toMatchObject({ kept: 4, added: 3, removed: 3, coarse: false });
    expect(countOf(before, 'words')).toBe(7);
    expect(countOf('', 'words')).toBe(0);
  });
});

describe('the sentences that changed', () => {
  it.each([
    ['One. Two. Three.', 'One. 2. Three.', 'One. [-Two.-]{+2.+} Three.'],
    ['Is it? It is! Yes.', 'Is it? Yes.', 'Is it? [-It is!-] Yes.'],
    ['今天很好。我们走吧。', '今天很好。你们走吧。', '今天很好。[-我们走吧。-]{+你们走吧。+}'],
    ['هل تريد المال؟ نعم.', 'هل تريد المال؟ لا.', 'هل تريد المال؟ [-نعم.-]{+لا.+}'],
    [
      '# Title\n\nIt costs 3.50 today. Bye.',
      '# Title\n\nIt costs 4.50 today. Bye.',
      '# Title\n\n[-It costs 3.50 today.-]{+It costs 4.50 today.+} Bye.',
    ],
  ])('%j, then %j', (before, after, expected) =>
    expect(marked(textDiff(before, after, 'sentences').parts)).toBe(expected),
  );

  it('are counted', () =>
    expect(textDiff('One. Two. Three.', 'One. 2.\n\nThree. Four.', 'sentences')).toMatchObject({
      kept: 2,
      added: 2,
      removed: 1,
    }));
});

describe('very long texts', () => {
  const line = (words: number, letter: string) => Array.from({ length: words }, (_, at) => letter + at * 7).join(' ');

  it('come to an end when they have nothing in common, and say that they were compared as a whole', () => {
    const [before, after] = [line(17_000, 'a'), line(17_000, 'b')];
    const diff = textDiff(before, after, 'words');
    expect(diff).toMatchObject({ kept: 0, added: 17_000, removed: 17_000, coarse: true });
    expect(diff.parts).toEqual([
      { kind: 'removed', text: before },
      { kind: 'added', text: after },
    ]);
  });

  it('are compared word by word where little changed', () => {
    const before = line(20_000, 'a');
    const diff = textDiff(before, before.replace('a700 ', 'other '), 'words');
    expect(diff).toMatchObject({ kept: 19_999, added: 1, removed: 1, coarse: false });
  });

  it('keep the paragraphs that stayed, and words within those that changed', () => {
    const paragraphs = (change: (at: number) => string) =>
      Array.from({ length: 900 }, (_, at) => `Paragraph ${at} stays. ${change(at)} Then comes ${at * 3}.`).join('\n\n');
    const before = paragraphs((at) => `Here is a${at} b${at} c${at}.`);
    const after = paragraphs((at) => `Here is d${at} e${at} f${at}.`);
    const diff = textDiff(before, after, 'words');
    expect(diff.coarse).toBe(false);
    expect(diff.removed).toBe(2_700);
    expect(marked(diff.parts.slice(0, 3))).toBe('Paragraph 0 stays. Here is [-a0 b0 c0-]{+d0 e0 f0+}');
    expect(without(diff.parts, 'added')).toBe(before);
    expect(without(diff.parts, 'removed')).toBe(after);
  });

  it('are divided the same when a line is longer than what is divided at once', () => {
    const text = 'ภาษาไทย 今天天气很好 naïve cafe\u0301 👨‍👩‍👧. '.repeat(300);
    const divided = wordsOf(text);
    expect(divided.map(({ lead, text: word }) => lead + word).join('')).toBe(text);
    expect(divided.length).toBe(wordsOf(text.slice(0, text.length / 300).trimEnd()).length * 300 + 1);
    expect(
      sentencesOf(text)
        .map(({ lead, text: sentence }) => lead + sentence)
        .join(''),
    ).toBe(text);
  });
});

describe('the shortest way from one list to another', () => {
  const list = (text: string) => Int32Array.from(text, (letter) => letter.charCodeAt(0));
  const common = (before: string, after: string, steps = 1e6) =>
    matchesOf(list(before), list(after), { steps })
      ?.map((match) => before.slice(match.before, match.before + match.length))
      .join('|') ?? null;

  /** By the table of all beginnings, which nobody doubts. */
  function longest(before: string, after: string): number {
    let row = new Array<number>(after.length + 1).fill(0);
    for (const letter of before) {
      const next = [0];
      for (let at = 0; at < after.length; at += 1)
        next.push(letter === after[at] ? row[at]! + 1 : Math.max(row[at + 1]!, next[at]!));
      row = next;
    }
    return row[after.length]!;
  }

  it('keeps as much as can be kept', () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    const text = () => Array.from({ length: random(30) }, () => 'abcd'[random(4)]).join('');
    for (let round = 0; round < 500; round += 1) {
      const [before, after] = [text(), text()];
      const matches = matchesOf(list(before), list(after), { steps: 1e6 })!;
      expect(matches.reduce((sum, { length }) => sum + length, 0)).toBe(longest(before, after));
      for (const match of matches)
        expect(before.slice(match.before, match.before + match.length)).toBe(
          after.slice(match.after, match.after + match.length),
        );
    }
  });

  it('gives up when it costs more than it may', () => {
    expect(common('abcdefgh', 'stuvwxyz', 16)).toBeNull();
    expect(common('abcdefgh', 'abcXefgh', 16)).toBe('abc|efgh');
  });
});
