import { describe, expect, it } from 'vitest';
import { sliceAt } from './json-slice';

describe('a value inside a JSON text', () => {
  const json =
    ' { "a" : [1.50, {"b\\"/~": -0e1 }, "x, ] } 😀"], "c":null, "a2": {"a": 12345678901234567890} , "d": [] } ';

  it('keeps its spelling', () => {
    expect(sliceAt(json, '/a/0')).toBe('1.50');
    expect(sliceAt(json, '/a/1')).toBe('{"b\\"/~": -0e1 }');
    expect(sliceAt(json, '/a/1/b"~1~0')).toBe('-0e1');
    expect(sliceAt(json, '/a/2')).toBe('"x, ] } 😀"');
    expect(sliceAt(json, '/c')).toBe('null');
    expect(sliceAt(json, '/a2/a')).toBe('12345678901234567890');
    expect(sliceAt(json, '/d')).toBe('[]');
  });

  it('is the whole text for the empty pointer, and nothing where there is nothing', () => {
    expect(sliceAt('  7 ', '')).toBe('7');
    expect(sliceAt(json, '/a/3')).toBeNull();
    expect(sliceAt(json, '/c/x')).toBeNull();
    expect(sliceAt(json, '/d/0')).toBeNull();
    expect(sliceAt('{}', '/a')).toBeNull();
  });

  it('is the last one of two of one name', () => {
    expect(sliceAt('{"a":1,"a":{"b":2}}', '/a/b')).toBe('2');
  });
});
