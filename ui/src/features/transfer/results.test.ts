import { describe, expect, it } from 'vitest';
import { fileName } from './results';

describe('files of results', () => {
  it('have names that every system takes', () => {
    expect(fileName('a/b:c\u0000"d"', 'matrix')).toBe('a-b-c-d-');
    expect(fileName('  ', 'batch')).toBe('batch');
  });
});
