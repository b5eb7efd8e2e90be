import { describe, expect, it } from 'vitest';
import type { ParameterKind } from '../../bindings/ParameterKind';
import { checkValue, rangeText, serverWords } from './check';

const temperature: ParameterKind = { kind: 'number', minimum: 0, maximum: 2 };
const seed: ParameterKind = { kind: 'integer', minimum: null, maximum: null };
const stop: ParameterKind = { kind: 'textOrList', maximumItems: 4 };
const tools: ParameterKind = { kind: 'objectList', example: '[]', maximumItems: 128 };
const choice: ParameterKind = { kind: 'textOrObject', suggestions: [], example: '{}' };

describe('checking a value', () => {
  const cases: [string, ParameterKind | null, string, string | null][] = [
    ['limits are inclusive', temperature, '2', null],
    ['any spelling of a number counts', temperature, '2.0e0', null],
    ['above the limit', temperature, '2.4', 'Documented as at most 2'],
    ['below the limit', temperature, '-0.1', 'Documented as at least 0'],
    ['text for a number', temperature, '"hot"', 'Documented as a number'],
    ['null is a choice', temperature, 'null', null],
    [
      'half a number',
      temperature,
      '0.',
      'Not JSON, so nothing can be sent. Column 2: A number needs a digit after the point',
    ],
    ['an integer', seed, '7', null],
    ['a fraction for an integer', seed, '7.0', 'Documented as an integer'],
    ['one text', stop, '"END"', null],
    ['too many texts', stop, '["1","2","3","4","5"]', 'Documented as at most 4 items, these are 5'],
    ['a list of numbers', stop, '[1]', 'Documented as text or a list of texts'],
    ['a number for a switch', { kind: 'boolean' }, '1', 'Documented as true or false'],
    ['a list of objects', tools, '[{}]', null],
    ['an object for a list', tools, '{}', 'Documented as a list of JSON objects'],
    ['an object where text would do', choice, '{}', null],
    ['a number where text or an object is wanted', choice, '1', 'Documented as text or a JSON object'],
    ['a list for an object', { kind: 'object', example: '{}' }, '[]', 'Documented as a JSON object'],
    ['any JSON for a key without a table entry', null, '[1,{}]', null],
  ];
  it.each(cases)('%s', (_why, kind, json, expected) => {
    expect(checkValue(kind, json)).toBe(expected);
  });
});

describe('words for limits', () => {
  it('name the range as it is documented', () => {
    expect([
      rangeText({ kind: 'number', minimum: -2, maximum: 2 }),
      rangeText({ kind: 'integer', minimum: 1, maximum: 16384 }),
      rangeText({ kind: 'integer', minimum: 1, maximum: null }),
      rangeText(seed),
      rangeText(stop),
    ]).toEqual(['−2 to 2', '1 to 16,384', 'At least 1', 'Integer', 'Text, or a list of up to 4']);
  });

  it("give the server's limit, and its own sentence where it names none", () => {
    expect(serverWords('Input should be less than or equal to 2')).toBe('The server allows at most 2');
    expect(serverWords('Input should be greater than or equal to -2')).toBe('The server allows at least -2');
    expect(serverWords('Extra inputs are not permitted')).toBe('The server says: Extra inputs are not permitted');
  });
});
