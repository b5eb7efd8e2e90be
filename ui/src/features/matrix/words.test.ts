import { describe, expect, it } from 'vitest';
import type { MatrixCount } from '../../bindings/MatrixCount';
import { baseFrom, baseKey, costWords, factors, missingOf, progressName } from './words';

const counted: MatrixCount = {
  prompts: 3,
  lanes: 2,
  values: 3,
  rows: 20,
  repeats: 5,
  cells: 1_800,
  variants: [],
  tokensIn: 84_000,
  costAtMost: 1.2,
  costIn: 0.12,
  currency: 'USD',
  problems: [],
  notes: [],
};
const counts = { total: 1_800, inFlight: 8, finished: 700, failed: 12, passed: 650, notPassed: 50 };

describe('the words of a matrix', () => {
  it('name every factor of the count', () => {
    expect(factors(counted).join(' × ')).toBe('3 prompts × 2 models × 3 values × 20 rows × 5 repeats');
    expect(factors({ ...counted, lanes: 1, repeats: 1 })[1]).toBe('1 model');
  });

  it('say of the cost no more than is known', () => {
    expect(costWords(counted)).toBe('at most $1.20');
    expect(costWords({ ...counted, costAtMost: null })).toBe('$0.12 for the input alone');
    expect(costWords({ ...counted, costIn: null })).toBe('cost not known');
  });

  it('count what is neither over nor in flight as missing', () => {
    expect(missingOf(counts)).toBe(1_080);
    expect(progressName(counts)).toBe('700 finished, 12 failed, 8 in flight, 1080 missing');
  });

  it('keep a base as a choice of a list', () => {
    for (const base of [
      { kind: 'variant', index: 12 },
      { kind: 'matrix', id: '01:AB' },
    ] as const)
      expect(baseFrom(baseKey(base))).toEqual(base);
  });
});
