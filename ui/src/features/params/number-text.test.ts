import { describe, expect, it } from 'vitest';
import { bounds, fromSlider, stepped, type NumberKind } from './number-text';

const temperature: NumberKind = { kind: 'number', minimum: 0, maximum: 2 };
const seed: NumberKind = { kind: 'integer', minimum: null, maximum: null };
const plain = { shiftKey: false, altKey: false };

describe('stepping a number', () => {
  const cases: [string, string, NumberKind, 1 | -1, Partial<typeof plain>, string | null][] = [
    ['keeps the digits it is spelled with', '0.20', temperature, 1, {}, '0.30'],
    ['adds digits where the step needs them', '1', temperature, -1, {}, '0.9'],
    ['does not drift as binary fractions do', '0.1', temperature, 1, {}, '0.2'],
    ['takes ten steps with Shift', '0.5', temperature, 1, { shiftKey: true }, '1.5'],
    ['takes a tenth of a step with Alt', '0.5', temperature, 1, { altKey: true }, '0.51'],
    ['stops at a documented end', '1.95', temperature, 1, {}, '2.00'],
    ['goes on beyond it from beyond it', '2.4', temperature, 1, {}, '2.5'],
    ['never makes minus zero', '0.1', temperature, -1, {}, '0.0'],
    ['counts integers by one', '7', seed, -1, {}, '6'],
    ['counts integers by ten with Shift', '7', seed, -1, { shiftKey: true }, '-3'],
    ['leaves what is no number alone', '"hot"', temperature, 1, {}, null],
    ['leaves an empty field alone', '', temperature, 1, {}, null],
  ];
  it.each(cases)('%s', (_why, json, kind, direction, keys, expected) => {
    expect(stepped(json, kind, direction, { ...plain, ...keys })).toBe(expected);
  });
});

describe('a slider', () => {
  it('is there only for a range with both ends', () => {
    expect(bounds(temperature)).toEqual({ minimum: 0, maximum: 2 });
    expect(bounds(seed)).toBeNull();
    expect(bounds({ kind: 'boolean' })).toBeNull();
  });
  it('writes no more digits than it moves by', () => {
    expect([fromSlider(0.30000000000000004, temperature), fromSlider(2, temperature), fromSlider(4.6, seed)]).toEqual([
      '0.3',
      '2',
      '5',
    ]);
  });
});
