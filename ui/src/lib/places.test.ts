import { describe, expect, it } from 'vitest';
import { takePlaces } from './places';

const rows = (from: number, count: number) => Array.from({ length: count }, (_, at) => from + at);

describe('takePlaces', () => {
  it('begins in the order of the rows', () => {
    expect(takePlaces([], rows(0, 4))).toEqual([0, 1, 2, 3]);
  });

  it('leaves rows that stay where they are, and gives the free elements to the new ones', () => {
    expect(takePlaces([0, 1, 2, 3], rows(2, 4))).toEqual([4, 5, 2, 3]);
  });

  it('keeps the element of a row that stays although everything around it goes', () => {
    expect(takePlaces([0, 1, 2, 3], [...rows(900, 3), 1])).toEqual([900, 1, 901, 902]);
  });

  it('leaves an element without a row where there are fewer, and none at the end', () => {
    expect(takePlaces([0, 1, 2, 3], [1, 3])).toEqual([null, 1, null, 3]);
    expect(takePlaces([0, 1, 2, 3], [1])).toEqual([null, 1]);
    expect(takePlaces([null, 1], [])).toEqual([]);
  });

  it('fills an element that was without a row before it adds one', () => {
    expect(takePlaces([null, 1, null, 3], rows(1, 5))).toEqual([2, 1, 4, 3, 5]);
  });

  it('shows each wanted row once, wherever it is scrolled to', () => {
    let places: (number | null)[] = [];
    for (const top of [0, 3, 7, 8, 500, 499, 40, 12, 9_990, 0]) {
      const wanted = [...rows(top, 10 + (top % 3)), 5].filter((row, at, all) => all.indexOf(row) === at);
      const before = places.indexOf(5);
      places = takePlaces(places, wanted);
      expect(places.filter((row) => row !== null).toSorted((a, b) => a - b)).toEqual(wanted.toSorted((a, b) => a - b));
      if (before >= 0) expect(places.indexOf(5)).toBe(before);
      expect(places.length).toBeLessThanOrEqual(14);
    }
  });
});
