import { describe, expect, it } from 'vitest';
import { estimateTokens } from './tokens-estimate';

describe('the estimate of tokens', () => {
  const cases: [string, string, number][] = [
    ['nothing costs nothing', '', 0],
    ['spaces cost nothing', '    ', 0],
    ['a short word is one token', 'light', 1],
    ['a long word is several', 'internationalisation', 3],
    ['digits go in threes', '20418', 2],
    ['punctuation counts', 'a, b.', 4],
    ['braces of a variable are one mark on each side', '{{a}}', 3],
    ['a run of line breaks is one token', 'a\n\n\nb', 3],
    ['scripts without spaces cost about two tokens for three characters', '東京都', 2],
    ['a character outside the basic plane counts once', '😀', 1],
  ];
  it.each(cases)('%s', (_why, text, expected) => {
    expect(estimateTokens(text)).toBe(expected);
  });

  it('grows with the text', () => {
    const sentence = 'Order NL-19977: the strap snapped on the first ride. ';
    expect(estimateTokens(sentence.repeat(10))).toBe(estimateTokens(sentence) * 10);
  });
});
