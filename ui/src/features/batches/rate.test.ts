import { describe, expect, it } from 'vitest';
import { leftWords, rateOf, ratesOf, timeLeft } from './rate';

const MINUTE = 60_000;
const points = (...over: number[]) => over.map((rows, index) => ({ at: 1_000 + index * MINUTE, over: rows }));

describe('the pace of a batch', () => {
  it('is rows per minute between the questions, with no more bars than there are stretches', () => {
    expect(ratesOf(points(0, 80, 200, 200), 44)).toEqual([80, 120, 0]);
    expect(ratesOf(points(0, 80, 200, 200, 400), 2)).toEqual([100, 100]);
  });

  it('of unequal stretches is as many rows as there were, whatever the bars', () => {
    const progress = [0, 2_000, 5_000, 9_500, 61_000].map((at, index) => ({ at, over: index * index * 10 }));
    for (const bars of [1, 2, 3, 4]) {
      const rates = ratesOf(progress, bars);
      const rows = rates.reduce((sum, rate) => sum + (rate * 61_000) / rates.length / MINUTE, 0);
      expect(rows).toBeCloseTo(160, 6);
    }
  });

  it('of late leaves out what was long ago, and is not known from one question', () => {
    expect(rateOf(points(0, 1_000, 1_050, 1_100, 1_150))).toBe(50);
    expect(rateOf(points(10))).toBeNull();
    expect(rateOf([])).toBeNull();
    expect(rateOf([points(1)[0]!, points(1)[0]!])).toBeNull();
  });

  it('tells when it ends, or nothing where nobody can tell', () => {
    expect(timeLeft(2_000, 1_471, 81)).toBeCloseTo(6.53 * MINUTE, -3);
    expect(timeLeft(2_000, 1_471, 0)).toBeNull();
    expect(timeLeft(2_000, 1_471, null)).toBeNull();
    expect(timeLeft(2_000, 2_000, 81)).toBeNull();
  });

  it('is said with no more digits than an estimate has', () => {
    expect([20_000, 6.4 * MINUTE, 89 * MINUTE, 130 * MINUTE, 179 * MINUTE, 600 * MINUTE].map(leftWords)).toEqual([
      '< 1 min',
      '6 min',
      '89 min',
      '2 h 10 min',
      '3 h',
      '10 h',
    ]);
  });
});
