import { describe, expect, it } from 'vitest';
import { heights, rowAt, runDays, topOf, totalHeight } from './run-days';

const at = (day: number, hour: number) => ({ startedAt: new Date(2026, 10, day, hour).getTime() });
const rows = [at(21, 14), at(21, 0), at(20, 23), at(12, 9), at(12, 8), at(12, 7)];
const days = runDays(rows);

describe('the days of a list of runs', () => {
  it('divide it at midnight', () => {
    expect(days.map(({ at: start, from, count, top }) => [new Date(start).getDate(), from, count, top])).toEqual([
      [21, 0, 2, 0],
      [20, 2, 1, heights.day + 2 * heights.row],
      [12, 3, 3, 2 * heights.day + 3 * heights.row],
    ]);
    expect(runDays([])).toEqual([]);
  });

  it('are found by height, and every row where it stands', () => {
    for (const index of rows.keys()) {
      const top = topOf(days, index);
      expect(rowAt(days, top), `row ${index}`).toBe(index);
      expect(rowAt(days, top + heights.row - 1), `end of row ${index}`).toBe(index);
    }
    // A line of a day belongs to the row below it; beyond the end is the last row.
    expect(rowAt(days, 0)).toBe(0);
    expect(rowAt(days, 1e9)).toBe(5);
    expect(totalHeight(days, rows.length)).toBe(3 * heights.day + 6 * heights.row);
  });

  it('hold 100,000 rows', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => ({
      startedAt: Date.UTC(2026, 10, 21) - index * 50_000,
    }));
    const found = runDays(many);
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
    expect([0, 1, 49_999, 99_999].map((index) => rowAt(found, topOf(found, index)))).toEqual([0, 1, 49_999, 99_999]);
  });
});
