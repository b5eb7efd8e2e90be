// Texts divided into what can change: words, signs and breaks between paragraphs, or sentences. Where words end is the
// business of Unicode and of dictionaries, so that languages that write nothing between them are divided as well.

export interface Token {
  /** White space before it, on the same line. */
  lead: string;
  text: string;
  /** It is counted: a word and no sign, a sentence and no break. */
  counts: boolean;
}

// One language for every text: where the rules differ it is about single signs, and a text does not say its language.
const wordSegmenter = new Intl.Segmenter('en', { granularity: 'word' });
const sentenceSegmenter = new Intl.Segmenter('en', { granularity: 'sentence' });

/** `report.txt` and `key:value` are one word to Unicode; numbers like `3.5` stay whole. */
const joint = /^(.*?[\p{L}\p{M}])([.:])(?=\p{L})/u;

/**
 * Twice the text takes a segmenter four times as long, so a long line is given to them in pieces of so many UTF-16 units. What
 * they tell last of a piece may go on in the next one.
 */
const PIECE = 2_000;

function* segmentsOf(segmenter: Intl.Segmenter, line: string): Generator<Intl.SegmentData> {
  let at = 0;
  while (at < line.length) {
    const isLast = at + PIECE >= line.length;
    const segments = [...segmenter.segment(line.slice(at, at + PIECE))];
    const told = isLast || segments.length < 2 ? segments : segments.slice(0, -1);
    yield* told;
    at += told.reduce((sum, { segment }) => sum + segment.length, 0);
  }
}

const lineBreaks = /([\n\r\u2028\u2029]+)/;

export function wordsOf(text: string): Token[] {
  return tokensOf(text, (line, push) => {
    for (const { segment, isWordLike } of segmentsOf(wordSegmenter, line)) {
      // The narrow space that French writes before a sign counts as part of the word before it.
      const core = segment.trim();
      const start = core === '' ? segment.length : segment.indexOf(core);
      push(segment.slice(0, start), false);
      let rest = core;
      for (let joined = joint.exec(rest); joined; joined = joint.exec(rest)) {
        push(joined[1]!, true);
        push(joined[2]!, false);
        rest = rest.slice(joined[0].length);
      }
      push(rest, isWordLike === true || /\p{Extended_Pictographic}/u.test(rest));
      push(segment.slice(start + core.length), false);
    }
  });
}

export function sentencesOf(text: string): Token[] {
  return tokensOf(text, (line, push) => {
    for (const { segment } of segmentsOf(sentenceSegmenter, line)) {
      const core = segment.trimEnd();
      if (core !== '') push(core, true);
      if (core !== segment) push(segment.slice(core.length), false);
    }
  });
}

/** What stands on a line of its own. */
export function paragraphsOf(text: string): Token[] {
  return tokensOf(text, (line, push) => push(line, true));
}

function tokensOf(
  text: string,
  divide: (line: string, push: (text: string, counts: boolean) => void) => void,
): Token[] {
  const tokens: Token[] = [];
  let lead = '';
  let ending = '';
  const push = (part: string, counts: boolean) => {
    if (part === '') return;
    if (part.trim() === '') {
      lead += part;
      return;
    }
    tokens.push({ lead, text: part, counts });
    lead = '';
  };
  // Every other piece is a break; space before it and lines of nothing but space are part of it.
  for (const [index, piece] of text.split(lineBreaks).entries()) {
    if (index % 2 === 1) {
      ending += lead + piece;
      lead = '';
      continue;
    }
    const line = piece.trim();
    if (line === '') {
      lead += piece;
      continue;
    }
    if (ending !== '') tokens.push({ lead: '', text: ending, counts: false });
    ending = '';
    const start = piece.indexOf(line);
    lead += piece.slice(0, start);
    divide(line, push);
    lead += piece.slice(start + line.length);
  }
  if (ending + lead !== '') tokens.push({ lead: '', text: ending + lead, counts: false });
  return tokens;
}
