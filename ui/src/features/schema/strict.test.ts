import { describe, expect, it } from 'vitest';
import { readTree } from '../../lib/json-tree';
import { schemaProblems } from './problems';
import { makeStrict, strictProblems } from './strict';

const strict = (text: string) =>
  strictProblems(text, readTree(text)!).map(({ pointer, message }) => [pointer, message]);
const plain = (text: string) => schemaProblems(text, readTree(text)!);

const GOOD = `{
  "type": "object",
  "properties": {
    "a": { "type": ["string", "null"], "pattern": "^a", "format": "date" },
    "b": { "type": "array", "items": { "$ref": "#/$defs/ö" }, "minItems": 1, "maxItems": 3 },
    "c": { "anyOf": [{ "type": "number", "multipleOf": 0.10 }, { "$ref": "#" }] }
  },
  "required": ["a", "b", "c"],
  "additionalProperties": false,
  "$defs": { "ö": { "type": "string", "enum": ["x", "y"], "description": "😀" } }
}`;

describe('strict mode', () => {
  it('has nothing against what it documents', () => {
    expect(strict(GOOD)).toEqual([]);
    expect(makeStrict(GOOD)).toEqual({ text: GOOD, changes: [], left: [] });
  });

  it.each([
    ['{"type":"array","items":{"type":"string"}}', '', 'needs an object at the root'],
    ['{"anyOf":[{"type":"object","properties":{},"additionalProperties":false}]}', '', 'no anyOf at the root'],
    ['{"type":"object","properties":{}}', '', 'additionalProperties: false'],
    ['{"type":"object","properties":{},"additionalProperties":{"type":"string"}}', '', 'additionalProperties: false'],
    [
      '{"type":"object","properties":{"x":{}},"required":["x"],"additionalProperties":false}',
      '/properties/x',
      'a type',
    ],
    [GOOD.replace('["a", "b", "c"]', '["a", "c"]'), '/properties/b', 'b to be required'],
    [GOOD.replace('"format": "date"', '"format": "uri"'), '/properties/a', 'format uri'],
    [GOOD.replace('"minItems": 1', '"uniqueItems": true'), '/properties/b', 'uniqueItems'],
    [GOOD.replace('"pattern": "^a"', '"minLength": 2'), '/properties/a', 'minLength'],
    [
      GOOD.replace('{ "$ref": "#/$defs/ö" }', '{ "$ref": "#/$defs/ö", "title": "t" }'),
      '/properties/b/items',
      'beside $ref',
    ],
    [GOOD.replace('"#/$defs/ö"', '"https://example.org/s"'), '/properties/b/items', 'within the schema'],
    [GOOD.replace('"anyOf"', '"oneOf"'), '/properties/c', 'oneOf'],
  ])('finds in %s', (text, pointer, words) => {
    const found = strict(text);
    expect(found.map(([at]) => at)).toContain(pointer);
    expect(found.some(([at, message]) => at === pointer && message!.includes(words))).toBe(true);
  });

  it('counts levels, properties, values and letters', () => {
    const nested = (levels: number): string =>
      levels === 0
        ? '{"type":"string"}'
        : `{"type":"object","properties":{"x":${nested(levels - 1)}},"required":["x"],"additionalProperties":false}`;
    expect(strict(nested(10))).toEqual([]);
    expect(strict(nested(11)).map(([, message]) => message)).toEqual(['Objects are nested deeper than 10 levels']);

    const wide = (number: number, value = '{"type":"string"}'): string => {
      const names = Array.from({ length: number }, (_, at) => `"p${at}"`);
      const properties = names.map((name) => `${name}:${value}`).join();
      return `{"type":"object","properties":{${properties}},"required":[${names.join()}],"additionalProperties":false}`;
    };
    expect(strict(wide(5000))).toEqual([]);
    expect(strict(wide(5001))[0]![1]).toContain('5,001 properties');
    const values = (number: number, word: string) =>
      `{"type":"string","enum":[${Array.from({ length: number }, (_, at) => `"${word}${at}"`).join()}]}`;
    expect(strict(wide(1, values(1000, '')))).toEqual([]);
    expect(strict(wide(1, values(1001, '')))[0]![1]).toContain('1,001 values');
    expect(strict(wide(1, values(251, 'x'.repeat(60))))[0]![1]).toContain('15,000 characters');
    expect(strict(wide(2, values(250, 'x'.repeat(300)))).at(-1)![1]).toContain('characters of names and values');
  });

  it('mends what it can, says what it did, and leaves the rest of the text', () => {
    const text = `{ "type": "object",
  "properties": {
    "a": {"type":"string","default":1.0e0},
    "b": { "$ref": "#/$defs/d" , "description": "keeps" },
    "c": { "type": "string", "enum": [ "x" ] },
    "d": { "oneOf": [ { "type": "number" }, { "allOf": [ { "type": "object", "properties": {"z":{"const": 7}} } ] } ] }
  },
  "required": ["a"],
  "$defs": { "d": { "type": "integer", "minimum": 0.50 } } }`;
    const made = makeStrict(text);
    expect(made.left).toEqual([]);
    expect(JSON.parse(made.text)).toEqual({
      type: 'object',
      properties: {
        a: { type: 'string' },
        b: { description: 'keeps', anyOf: [{ $ref: '#/$defs/d' }, { type: 'null' }] },
        c: { type: ['string', 'null'], enum: ['x', null] },
        d: {
          anyOf: [
            { type: 'number' },
            {
              type: 'object',
              properties: { z: { anyOf: [{ const: 7 }, { type: 'null' }] } },
              required: ['z'],
              additionalProperties: false,
            },
            { type: 'null' },
          ],
        },
      },
      required: ['a', 'd', 'c', 'b'],
      $defs: { d: { type: 'integer', minimum: 0.5 } },
      additionalProperties: false,
    });
    expect(made.text).toContain('"minimum": 0.50');
    expect(made.changes.length).toBeGreaterThanOrEqual(8);
    expect(makeStrict(made.text)).toEqual({ text: made.text, changes: [], left: [] });
  });

  it('leaves to people what cannot be said otherwise', () => {
    const text =
      '{"type":"object","properties":{},"additionalProperties":false,"allOf":[{"enum":["a"]},{"enum":["b"]}]}';
    const made = makeStrict(text);
    expect(made.text).toBe(text);
    expect(made.left.map(({ keyword }) => keyword)).toEqual(['allOf']);
  });
});

describe('a schema that no server can read', () => {
  it('is told where it is wrong', () => {
    const text =
      '{"properties":{"a":7,"b":{"type":"strin","type":"text"},"c":{"$ref":"#/$defs/none"},"d":{"enum":[]},"e":true}}';
    const found = plain(text);
    expect(found.map(({ pointer }) => pointer)).toEqual([
      '/properties/a',
      '/properties/b',
      '/properties/b',
      '/properties/c',
      '/properties/d',
    ]);
    expect(found.map(({ start, end }) => text.slice(start, end))).toEqual([
      '"a"',
      '"type":"text"',
      '"type":"text"',
      '"$ref":"#/$defs/none"',
      '"enum"',
    ]);
  });

  it('is not what public rules allow', () => {
    expect(plain(GOOD)).toEqual([]);
  });
});
