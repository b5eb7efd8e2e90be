import { describe, expect, it } from 'vitest';
import { barPath, barsOf } from './waveform';

describe('a waveform', () => {
  it('has as many bars as fit, and each is the loudest of what it stands for', () => {
    expect(barsOf([1, 9, 2, 3, 200, 4], 8)).toEqual([9, 3, 200]);
    expect(barsOf([5, 6], 300)).toEqual([5, 6]);
    expect(barsOf([5, 6], 1)).toEqual([]);
    expect(barsOf([], 300)).toEqual([]);
  });

  it('is drawn around its middle, and silence is seen', () => {
    expect(barPath([255, 0], 20, 0)).toBe('M0 0h2v20h-2zM3 9h2v2h-2z');
    expect(barPath([255], 20, 2)).toBe('M6 0h2v20h-2z');
  });
});
