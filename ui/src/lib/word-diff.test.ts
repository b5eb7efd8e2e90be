import { describe, expect, it } from 'vitest';
import { wordDiff } from './word-diff';

const changed = (before: string, after: string) =>
  wordDiff(before, after)
    .filter(({ kind }) => kind !== 'same')
    .map(({ kind, text }) => `${kind === 'added' ? '+' : '-'}${text}`);

describe('the words that changed', () => {
  it.each([
    ['Be brief.', 'Be very brief.', ['+very ']],
    ['Sum up 4 weeks', 'Sum up 5 weeks', ['-4', '+5']],
    ['Be brief and kind', 'Be long or rude', ['-brief and kind', '+long or rude']],
    ['one two\n\nthree four', 'five six\n\nseven eight', ['-one two', '+five six', '-three four', '+seven eight']],
    ['今天天气很好', '今天天气不好', ['-很好', '+不好']],
    ['שלום עולם', 'שלום לכולם', ['-עולם', '+לכולם']],
    ['same', 'same', []],
    ['', 'new', ['+new']],
    ['old', '', ['-old']],
  ])('%s, then %s', (before, after, expected) => {
    expect(changed(before, after)).toEqual(expected);
  });

  it('adds up to both texts', () => {
    const before = 'a {{b}} "c"\n\n🐟 d';
    const after = 'a {{c}} "c"\n🐟🐟 e';
    const parts = wordDiff(before, after);
    const without = (kind: string) =>
      parts
        .filter((part) => part.kind !== kind)
        .map(({ text }) => text)
        .join('');
    expect(without('added')).toBe(before);
    expect(without('removed')).toBe(after);
  });

  it('comes to an end with texts that have nothing in common', () => {
    const text = (letter: string) => Array.from({ length: 4_000 }, (_, at) => `${letter}${at * 7}`).join(' ');
    const parts = wordDiff(text('a'), text('b'));
    expect(parts.some(({ kind }) => kind === 'added')).toBe(true);
  }, 20_000);
});
