import { describe, expect, it } from 'vitest';
import { textsOf } from './pasted-texts';

describe('pasted texts', () => {
  it('takes each line as it is, and no empty one', () => {
    expect(textsOf('one\r\n\r\n  two “☀” \\n \n\t\nthree', 'line')).toEqual(['one', '  two “☀” \\n ', 'three']);
    expect(textsOf('', 'line')).toEqual([]);
  });

  it('takes blocks between empty lines, with the lines in them', () => {
    expect(textsOf('\none\ntwo\n \n\nthree\n', 'paragraph')).toEqual(['one\ntwo', 'three']);
    expect(textsOf('\n\n', 'paragraph')).toEqual([]);
  });
});
