import { describe, expect, it } from 'vitest';
import { colourHead, colourHex, colourJson, colourStream, endsInString, mark, seemsInsideString } from './colour';
import { find, type Match } from './find';
import { joinRows, textRows, type RowSource } from './rows';
import { scrollScale, TALLEST } from './scroll-scale';

const text = (pieces: { text: string }[]) => pieces.map((piece) => piece.text).join('');

describe('colours of a row', () => {
  it('never change the text', () => {
    for (const row of [
      '',
      '{"a": 1.0, "b": "q\\"uote", "c": [true,false , null], "d": -1e-3}',
      '   "half a string that goes on below',
      'no json at all: <html> \u0000 é 👍🏽 ‮rtl',
      '"\\',
      '{"a":"\\u00e9"}}}}]]',
    ]) {
      for (const inside of [false, true]) {
        expect(text(colourJson(row, inside))).toBe(row);
        expect(text(colourStream(row, inside))).toBe(row);
      }
      expect(text(colourHex(row))).toBe(row);
      expect(text(colourHead(row, false))).toBe(row);
    }
  });

  it('tell names, texts and values apart', () => {
    expect(
      colourJson('"a": "b", 1')
        .map(({ text: word, role }) => [word.trim(), role])
        .filter(([word]) => word),
    ).toEqual([
      ['"a"', 'key'],
      [':', 'punct'],
      ['"b"', 'string'],
      [',', 'punct'],
      ['1', 'literal'],
    ]);
  });

  it('go on within a string that an earlier row opened', () => {
    const first = '{"a": "one: 1, ';
    expect(endsInString(first, false)).toBe(true);
    expect(colourJson('true", "b": 2}', true).slice(0, 2)).toEqual([
      { text: 'true"', role: 'string' },
      { text: ', ', role: 'punct' },
    ]);
    expect(endsInString('ends with \\" and goes on', true)).toBe(true);
    expect(seemsInsideString('scanned", "b": 1')).toBe(true);
    expect(seemsInsideString('"b": 1, "c": 2')).toBe(false);
  });

  it('show the field of an event, and a comment as one', () => {
    expect(colourStream('data: {"a":1}')[0]).toEqual({ text: 'data', role: 'key' });
    expect(colourStream(': keep-alive')).toEqual([{ text: ': keep-alive', role: 'comment' }]);
    expect(text(colourStream('data: [DONE]'))).toBe('data: [DONE]');
  });

  it('set a masked key apart', () => {
    expect(colourHead('authorization: Bearer ••••91be', false)).toContainEqual({ text: '••••91be', role: 'secret' });
    expect(colourHead('POST /v1/chat HTTP/2.0', true)[0]).toEqual({ text: 'POST', role: 'keyword' });
  });

  it('are cut where a place is marked', () => {
    const pieces = mark(colourJson('"content": " scanned"'), [{ start: 11, end: 21 }]);
    expect(text(pieces)).toBe('"content": " scanned"');
    expect(text(pieces.filter((piece) => piece.marked))).toBe('" scanned"');
  });
});

describe('rows of a text', () => {
  it('go on below when a line is long, and never within a character', () => {
    const line = 'x'.repeat(399) + '👍'.repeat(300);
    const rows = textRows(`a\n${line}\r\n\nb\n`);
    const all = Array.from({ length: rows.count }, (_, index) => rows.row(index)!);
    expect(all.map(({ line: number }) => number).filter((number) => number !== null)).toEqual([1, 2, 3, 4]);
    expect(all.every(({ text: part }) => part.length <= 400 && part.isWellFormed())).toBe(true);
    expect(joinRows(all)).toBe(`a\n${line}\n\nb`);
  });
});

/** Rows that are made when they are asked for. */
function rowsOf(count: number, textOf: (index: number) => string, continued = (_: number) => false) {
  const read: [number, number][] = [];
  const row = (index: number) => ({ line: continued(index) ? null : index + 1, text: textOf(index) });
  const source: RowSource = {
    count,
    row,
    insideString: () => false,
    want: () => {},
    read: async (from, size) => {
      read.push([from, size]);
      return Array.from({ length: Math.max(0, Math.min(size, count - from)) }, (_, index) => row(from + index));
    },
  };
  return { source, read };
}

describe('finding', () => {
  const search = (rows: RowSource, wanted: string, from: Pick<Match, 'row' | 'start'>, backwards = false) =>
    find({ rows, text: wanted, from, backwards, signal: new AbortController().signal, progress: () => {} });

  it('looks at every row of a document that is not here, from the place and round', async () => {
    const { source, read } = rowsOf(100_000, (index) => (index === 7 || index === 90_001 ? 'the Needle' : 'hay'));
    expect(await search(source, 'needle', { row: 10, start: -1 })).toEqual({ row: 90_001, start: 4, length: 6 });
    expect(await search(source, 'NEEDLE', { row: 90_001, start: 4 })).toEqual({ row: 7, start: 4, length: 6 });
    expect(await search(source, 'needle', { row: 10, start: 0 }, true)).toEqual({ row: 7, start: 4, length: 6 });
    expect(await search(source, 'needle', { row: 7, start: 4 }, true)).toEqual({ row: 90_001, start: 4, length: 6 });
    expect(await search(source, 'thread', { row: 50_000, start: -1 })).toBeNull();
    expect(Math.max(...read.map(([, size]) => size))).toBeLessThan(3000);
  });

  it('finds what lies on two rows of one line, and not what only seems to', async () => {
    const { source } = rowsOf(
      4,
      (index) => ['abc', 'def', 'abc', 'def'][index]!,
      (index) => index === 3,
    );
    expect(await search(source, 'cde', { row: 0, start: -1 })).toEqual({ row: 2, start: 2, length: 3 });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const { source, read } = rowsOf(1_000_000, () => 'hay');
    await find({
      rows: source,
      text: 'needle',
      from: { row: 0, start: -1 },
      backwards: false,
      signal: stop.signal,
      progress: () => stop.abort(),
    });
    expect(read.length).toBe(2);
  });
});

describe('the scale of scrolling', () => {
  it('is one to one for what a browser can hold', () => {
    const scale = scrollScale(10_000, 500);
    expect([scale.scaled, scale.scrolled, scale.toTop(420), scale.toScroll(420)]).toEqual([false, 10_000, 420, 420]);
  });

  it('reaches the first and the last of two million rows', () => {
    const scale = scrollScale(2_000_000 * 22, 500);
    expect(scale.scaled).toBe(true);
    expect(scale.scrolled).toBe(TALLEST);
    expect(scale.toTop(0)).toBe(0);
    expect(scale.toTop(TALLEST - 500)).toBeCloseTo(2_000_000 * 22 - 500, 3);
    expect(scale.toTop(scale.toScroll(12_345_678))).toBeCloseTo(12_345_678, 3);
  });
});
