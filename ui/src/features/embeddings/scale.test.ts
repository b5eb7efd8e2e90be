import { describe, expect, it } from 'vitest';
import { cosineText, scaleFrom } from './scale';

describe('the scale of the matrix', () => {
  it('goes from a round number below the least pair to 1 in eight steps', () => {
    const scale = scaleFrom(0.237);
    expect(scale.least).toBe(0.2);
    expect([0.2, 0.237, 0.31, 1, 0.1].map(scale.step)).toEqual([0, 0, 1, 7, 0]);
    expect(scale.step(NaN)).toBeNull();
    expect(scaleFrom(-0.31).least).toBe(-0.35);
    expect(scaleFrom(1).step(1), 'all the same').toBe(7);
  });

  it('writes three places, a real minus, and a dash for none', () => {
    expect([0.6449, -0.5, NaN, undefined].map(cosineText)).toEqual(['0.645', '−0.500', '–', '–']);
  });
});
