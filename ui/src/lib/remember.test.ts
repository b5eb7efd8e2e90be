import { describe, expect, it, vi } from 'vitest';
import { remember } from './remember';

describe('remembering answers', () => {
  it('asks once for each text', () => {
    const length = vi.fn((text: string) => text.length);
    const remembered = remember(length);
    expect([remembered('ab'), remembered('ab'), remembered('abc')]).toEqual([2, 2, 3]);
    expect(length).toHaveBeenCalledTimes(2);
  });

  it('does not grow without end', () => {
    const length = vi.fn((text: string) => text.length);
    const remembered = remember(length, 2);
    for (const text of ['a', 'b', 'c', 'c', 'b']) remembered(text);
    expect(length).toHaveBeenCalledTimes(3);
    remembered('a');
    expect(length).toHaveBeenCalledTimes(4);
  });
});
