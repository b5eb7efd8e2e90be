// An estimate of tokens without a tokenizer, always shown with ≈. The rule, fitted to what byte-pair encodings do with
// prose, code and scripts without spaces:
//   a run of Latin letters costs one token for each 8 letters begun, a run of digits one for each 3 begun,
//   a run of punctuation one for each 3 marks begun, a character of any other script one for each 1.5,
//   and spaces cost nothing except line breaks, which cost one a run.
// Each message adds 4 for its role and frame. The count of the server replaces it after a run.

import { remember } from './remember';

const PIECES =
  /[A-Za-z\u00C0-\u024F]+|\d+|[\r\n]+|[ \t]+|[\u0021-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u007E]+|[^\s]/gu;

/** Tokens that the role and the frame of a message take. */
export const MESSAGE_FRAME = 4;

export const estimateTokens = remember((text: string): number => {
  let tokens = 0;
  let others = 0;
  for (const [piece] of text.matchAll(PIECES)) {
    const first = piece.charCodeAt(0);
    if (isLatin(first)) tokens += Math.ceil(piece.length / 8);
    else if (first >= 48 && first <= 57) tokens += Math.ceil(piece.length / 3);
    else if (first === 10 || first === 13) tokens += 1;
    else if (first === 32 || first === 9) continue;
    else if (first < 128) tokens += Math.ceil(piece.length / 3);
    else others += 1;
  }
  return tokens + Math.ceil(others / 1.5);
});

function isLatin(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code >= 0xc0 && code <= 0x24f);
}
