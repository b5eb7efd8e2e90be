import { describe, expect, it } from 'vitest';
import type { MatrixCount } from '../../bindings/MatrixCount';
import {
  baseFrom,
  baseKey,
  costWords,
  factors,
  goOnWords,
  judgeWords,
  leftOf,
  leftWords,
  missingOf,
  progressName,
  retryWords,
} from './words';

const counted: MatrixCount = {
  prompts: 3,
  lanes: 2,
  values: 3,
  rows: 20,
  repeats: 5,
  cells: 1_800,
  judgeCalls: 0,
  variants: [],
  tokensIn: 84_000,
  costAtMost: 1.2,
  costIn: 0.12,
  currency: 'USD',
  problems: [],
  notes: [],
};
const counts = { total: 1_800, inFlight: 8, finished: 700, failed: 12, passed: 650, notPassed: 50, notJudged: 0 };

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

  it('say that judges are asked too, and about which answers they are still to be asked', () => {
    expect(judgeWords(counted)).toBe('');
    expect(judgeWords({ ...counted, judgeCalls: 5_400 })).toBe('and 5,400 calls of judges, ');
    const over = { total: 10, inFlight: 0, finished: 9, failed: 1, passed: 4, notPassed: 2, notJudged: 3 };
    const cases = [
      ['interrupted', over, 3, 'Judge 3 answers', 'Retry 1 failure', '3 answers to judge'],
      ['finished', over, 0, 'Judge 3 answers', 'Retry 1 failure', '3 answers to judge'],
      ['finished', { ...over, finished: 10, failed: 0 }, 0, 'Judge 3 answers', 'Judge 3 answers', '3 answers to judge'],
      ['paused', { ...over, finished: 7, failed: 0 }, 6, 'Go on with 3', null, '3 missing cells, 3 answers to judge'],
      ['overBudget', { ...over, finished: 9, failed: 0, notJudged: 0 }, 1, 'Go on with 1', null, '1 missing cell'],
    ] as const;
    for (const [state, counts, left, goOn, retry, words] of cases) {
      const matrix = { state, counts };
      expect([leftOf(matrix), goOnWords(matrix), retryWords(matrix), leftWords(matrix)], state).toEqual([
        left,
        goOn,
        retry,
        words,
      ]);
    }
  });

  it('keep a base as a choice of a list', () => {
    for (const base of [
      { kind: 'variant', index: 12 },
      { kind: 'matrix', id: '01:AB' },
    ] as const)
      expect(baseFrom(baseKey(base))).toEqual(base);
  });
});
