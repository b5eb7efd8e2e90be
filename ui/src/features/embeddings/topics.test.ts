import { describe, expect, it } from 'vitest';
import { topicNames, topicsOf } from './topics';

/** Cosines of rows of which those with the same letter are near. */
function square(letters: string, near = 0.9, far = 0.1): Float32Array {
  const rows = [...letters];
  return Float32Array.from(rows.flatMap((one) => rows.map((other) => (one === other ? near : far))));
}

const inOrder = (count: number) => Array.from({ length: count }, (_, row) => row);

describe('topics', () => {
  it('finds the groups, numbered as the order comes to them', () => {
    expect(topicsOf(square('aabbcc'), inOrder(6))).toEqual([0, 0, 1, 1, 2, 2]);
    expect(topicsOf(square('abab'), [1, 3, 0, 2])).toEqual([1, 0, 1, 0]);
  });

  it('makes no groups of what is all the same, or of three texts', () => {
    expect(topicsOf(square('aaaaa'), inOrder(5))).toEqual([0, 0, 0, 0, 0]);
    expect(topicsOf(square('abc'), inOrder(3))).toEqual([0, 0, 0]);
  });

  it('leaves out a vector without a direction', () => {
    const cosines = square('aabbx').map((cosine, at) => (at % 5 === 4 || at >= 20 ? NaN : cosine));
    expect(topicsOf(cosines, inOrder(5)).slice(0, 4)).toEqual([0, 0, 1, 1]);
  });

  it('never tells more than five apart', () => {
    expect(Math.max(...topicsOf(square('aabbccddeeffgg'), inOrder(14)))).toBeLessThan(5);
  });

  it('names a group after a word of its own, in any script', () => {
    const texts = ['A refund, please', 'Where is my refund?', 'Zoë’s parcel', 'parcel “lost”', '配送 of the parcel'];
    expect(topicNames(texts, [0, 0, 1, 1, 1])).toEqual(['Refund', 'Parcel']);
    expect(topicNames(['12', '\\"', ''], [0, 0, 0])).toEqual(['']);
    expect(topicNames([], [])).toEqual([]);
  });
});
