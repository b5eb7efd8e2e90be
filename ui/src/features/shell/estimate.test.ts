import { describe, expect, it } from 'vitest';
import type { Cell } from '../../bindings/Cell';
import { estimate } from './estimate';

const cell = (amount: number | null, currency = 'USD') =>
  ({
    metrics: { cost: amount === null ? null : { amount, currency, formula: '', priceDate: null, estimated: false } },
  }) as Cell;

describe('the estimate', () => {
  it('counts calls and names no price that is not known', () => {
    expect(estimate([{ letter: 'A', last: null }], 1)).toEqual({
      words: '1 call',
      tip: '1 lane × 1 repeat. What it costs is not known before a lane has run.',
    });
  });

  it('adds what the last calls cost, times the repeats, and says who is left out', () => {
    const lanes = [
      { letter: 'A', last: cell(0.0012) },
      { letter: 'B', last: cell(null) },
      { letter: 'C', last: cell(0.0001) },
    ];
    expect(estimate(lanes, 2)).toEqual({
      words: '6 calls, ≈ $0.0026',
      tip: '3 lanes × 2 repeats, at what the last call of each lane cost. Lane B has no price and is left out.',
    });
  });

  it('does not add up different currencies', () => {
    const lanes = [
      { letter: 'A', last: cell(1) },
      { letter: 'B', last: cell(1, 'EUR') },
    ];
    expect(estimate(lanes, 1).words).toBe('2 calls');
  });
});
