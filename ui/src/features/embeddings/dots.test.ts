import { describe, expect, it } from 'vitest';
import { nearestDot, writeDots, type Pixels } from './dots';

const PLACE = { scaleX: 10, scaleY: -10, left: 5, top: 25 };

function written(points: number[], side = 3, ratio = 1): string[] {
  const pixels: Pixels = { data: new Uint32Array(12 * 8), width: 12, height: 8, ratio };
  writeDots(Float32Array.from(points), PLACE, pixels, side, 7);
  return Array.from({ length: 8 }, (_, line) =>
    Array.from(pixels.data.subarray(line * 12, line * 12 + 12), (tone) => (tone === 7 ? '#' : '.')).join(''),
  );
}

describe('dots', () => {
  it('are squares around their places, upwards for more', () => {
    // On screen at 5.5 and 3.5.
    expect(written([0.05, 2.15])).toEqual([
      '............',
      '............',
      '....###.....',
      '....###.....',
      '....###.....',
      '............',
      '............',
      '............',
    ]);
  });

  it('are cut at every edge, and stay away where they have no place', () => {
    const corners = [-0.5, 2.5, 0.75, 2.5, -0.5, 1.75, 0.75, 1.75];
    expect(written([...corners, NaN, 2.2, 0.1, NaN, Infinity, 2, 1e30, -1e30])).toEqual([
      '##.........#',
      '##.........#',
      '............',
      '............',
      '............',
      '............',
      '##.........#',
      '##.........#',
    ]);
  });

  it('have more pixels on a finer screen', () => {
    expect(written([0, 2.4], 1, 2).join('').replaceAll('.', '')).toHaveLength(4);
  });

  it('are found within reach, the nearest of them', () => {
    const points = Float32Array.from([0, 2, NaN, NaN, 0.5, 2, 5, 2]);
    expect(nearestDot(points, PLACE, { x: 8, y: 5 }, 12)).toBe(2);
    expect(nearestDot(points, PLACE, { x: 7, y: 5 }, 12)).toBe(0);
    expect(nearestDot(points, PLACE, { x: 30, y: 5 }, 12)).toBeNull();
    expect(nearestDot(new Float32Array(), PLACE, { x: 0, y: 0 }, 12)).toBeNull();
  });
});
