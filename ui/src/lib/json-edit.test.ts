import { describe, expect, it } from 'vitest';
import {
  compact,
  insertElement,
  marginOf,
  moveItem,
  removeItem,
  setMember,
  withMarginOf,
  withoutMargin,
} from './json-edit';

const flat = '{"a":1.50,"b/~":[ 1e0 ],"name":"x \\" , } 😀"}';
const spread = `{
  "type" : "function",
  "function" : {
    "name" : "a",
    "big" : 12345678901234567890
  }
}`;

describe('a member', () => {
  it('that is there changes alone', () => {
    expect(setMember(flat, '', 'name', '"y"')).toBe('{"a":1.50,"b/~":[ 1e0 ],"name":"y"}');
    expect(setMember(flat, '', 'b/~', '2')).toBe('{"a":1.50,"b/~":2,"name":"x \\" , } 😀"}');
  });

  it('that is new is laid out like the others, at its place', () => {
    expect(setMember(flat, '', 'c', '{ "d" : " e " }')).toBe(flat.replace(/}$/, ',"c":{"d":" e "}}'));
    expect(setMember(spread, '/function', 'description', '{"x":[1]}', ['name', 'description', 'big'])).toBe(`{
  "type" : "function",
  "function" : {
    "name" : "a",
    "description" : {
      "x": [
        1
      ]
    },
    "big" : 12345678901234567890
  }
}`);
  });

  it('goes into an object that is empty', () => {
    expect(setMember('{}', '', 'a', '1')).toBe('{"a":1}');
    expect(setMember('{\n  "f": {}\n}', '/f', 'a', '1')).toBe('{\n  "f": {\n    "a": 1\n  }\n}');
  });

  it('leaves with its comma', () => {
    expect(removeItem(flat, '', 'a')).toBe('{"b/~":[ 1e0 ],"name":"x \\" , } 😀"}');
    expect(removeItem(flat, '', 'name')).toBe('{"a":1.50,"b/~":[ 1e0 ]}');
    expect(removeItem(flat, '', 'b/~')).toBe('{"a":1.50,"name":"x \\" , } 😀"}');
    expect(removeItem('{ "a" : 1 }', '', 'a')).toBe('{}');
    expect(removeItem(flat, '', 'none')).toBe(flat);
  });
});

describe('an element', () => {
  const list = '[ {"a":1.0} , 2, "]" ]';

  it('goes in, out and elsewhere, and the others stay as they were', () => {
    expect(insertElement(list, '', 1, '{ "n" : 0e1 }')).toBe('[ {"a":1.0} , {"n":0e1} , 2, "]" ]');
    expect(insertElement(list, '', 3, 'null')).toBe('[ {"a":1.0} , 2, "]" , null ]');
    expect(insertElement('[]', '', 0, '7')).toBe('[7]');
    expect(removeItem(list, '', 0)).toBe('[ 2, "]" ]');
    expect(moveItem(list, '', 0, 2)).toBe('[ 2 , "]", {"a":1.0} ]');
    expect(moveItem(list, '', 2, 0)).toBe('[ "]" , {"a":1.0}, 2 ]');
    expect(moveItem(list, '', 0, 3)).toBe(list);
  });

  it('comes back to where it was, to the byte', () => {
    const one = '[\n  {\n    "a": 1.50\n  },\n  {\n    "b": 2\n  },\n  3\n]';
    for (const at of [0, 1, 2]) {
      const item = ['{ "a": 1.50 }', '{"b":2}', '3'][at]!;
      expect(insertElement(removeItem(one, '', at), '', at, item)).toBe(one);
    }
    for (const [from, to] of [
      [0, 2],
      [2, 1],
      [1, 0],
    ] as const) {
      expect(moveItem(moveItem(one, '', from, to), '', to, from)).toBe(one);
    }
  });
});

it('compact drops only spaces that do not matter', () => {
  expect(compact(' { "a b" : [ 1 ,\n\t" \\" \\\\" ] } ')).toBe('{"a b":[1," \\" \\\\"]}');
});

it('a value is edited without the margin of its place, and gets it back', () => {
  const value = '{\n      "a": [\n        1.0\n      ]\n    }';
  expect(marginOf(value)).toBe('    ');
  expect(withoutMargin(value)).toBe('{\n  "a": [\n    1.0\n  ]\n}');
  expect(withMarginOf(value, withoutMargin(value))).toBe(value);
  for (const other of ['{"a":1}', '{\n"a":1\n}', '{\n  "a": [\n1\n]\n  }', '1']) {
    expect(withoutMargin(other)).toBe(other);
    expect(withMarginOf(other, '{\n}')).toBe('{\n}');
  }
});
