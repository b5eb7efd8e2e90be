import { describe, expect, it } from 'vitest';
import {
  describeFault,
  findJsonFault,
  isJson,
  isJsonNumber,
  layOut,
  quote,
  quoteList,
  unquote,
  unescapeTyped,
  unquoteList,
} from './json-text';

describe('finding what is wrong in JSON text', () => {
  const valid = [
    '0',
    '-0.5',
    '1e9',
    '0.20',
    'true',
    'null',
    '""',
    '"\\u00e9\\n"',
    '[]',
    '{}',
    ' { "a" : [1, {"b":null}] } ',
    '[[[]]]',
  ];
  it.each(valid)('accepts %s, as the platform parser does', (text) => {
    expect(findJsonFault(text)).toBeNull();
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  const faulty: [string, string][] = [
    ['', 'Column 1: A value is missing'],
    ['.5', 'Column 1: A number needs a digit before the point'],
    ['0.', 'Column 2: A number needs a digit after the point'],
    ['07', 'Column 2: A number must not begin with 0'],
    ['+1', 'Column 1: A number must not begin with +'],
    ['1,5', 'Column 2: The value has ended, this is too much'],
    ['hot', 'Column 1: Text needs double quotes'],
    ['"open', 'Column 1: The closing quote is missing'],
    ['{"a":1,}', 'Column 8: A name in double quotes is missing'],
    ['{"a" 1}', 'Column 6: A colon is missing after the name'],
    ['[1 2]', 'Column 4: A comma or ] is missing'],
    ['{"a":1', 'Column 7: The closing } is missing'],
    ['{\n  "a": tru\n}', 'Line 2, column 8: Text needs double quotes'],
    ['"a\nb"', 'Line 1, column 3: A line break or control character must be written as an escape'],
    ['"\\x"', 'Column 2: This escape does not exist'],
  ];
  it.each(faulty)('says where %j breaks', (text, expected) => {
    const fault = findJsonFault(text);
    expect(fault && describeFault(fault, text)).toBe(expected);
    expect(() => JSON.parse(text) as unknown).toThrow();
  });

  it('refuses nesting that would exhaust the stack instead of crashing', () => {
    expect(isJson('['.repeat(100_000) + ']'.repeat(100_000))).toBe(false);
  });
});

describe('keeping the spelling', () => {
  it('lays JSON out without touching numbers or strings', () => {
    expect(layOut('{"a":0.20,"b":[1e3,"x, {y}"],"c":{},"d":[ ]}')).toBe(
      '{\n  "a": 0.20,\n  "b": [\n    1e3,\n    "x, {y}"\n  ],\n  "c": {},\n  "d": []\n}',
    );
  });
  it('leaves text that is not JSON alone', () => {
    expect(layOut('{"a":')).toBe('{"a":');
  });
  it('knows a JSON number from what only looks like one', () => {
    expect(['0', '1.50', '-2e-3'].every(isJsonNumber)).toBe(true);
    expect(['', '.5', '1.', '01', 'NaN', '0x1', ' 1'].some(isJsonNumber)).toBe(false);
  });
});

describe('texts and lists of texts', () => {
  it('go to JSON and back', () => {
    for (const text of ['', 'END', 'a "b"\n', '☃']) expect(unquote(quote(text))).toBe(text);
    expect(unquoteList(quoteList(['a', '"']))).toEqual(['a', '"']);
  });
  it('may hold a line break that was typed as an escape', () => {
    const typed = ['END', '\\n', 'a\\tb', '\\\\n', 'say "x"\\n', '\\x', 'C:\\'];
    expect(typed.map(unescapeTyped)).toEqual(['END', '\n', 'a\tb', '\\n', 'say "x"\n', '\\x', 'C:\\']);
  });
  it('are not invented from other values', () => {
    expect([unquote('1'), unquote('["a"]'), unquoteList('"a"'), unquoteList('[1]'), unquoteList('[')]).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });
});
