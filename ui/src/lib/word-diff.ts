// Which words of a text became others.
import { diffArrays, diffLines } from 'diff';

export interface DiffPart {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** A comparison that takes longer is made line by line, milliseconds. */
const patience = 300;

// Knows where words end, also in languages that write nothing between them.
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });
const words = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);

export function wordDiff(before: string, after: string): DiffPart[] {
  if (before === after) return before === '' ? [] : [{ kind: 'same', text: before }];
  const byWord = diffArrays(words(before), words(after), { timeout: patience });
  const changes = byWord
    ? byWord.map(({ value, ...change }) => ({ ...change, value: value.join('') }))
    : diffLines(before, after);
  return changes.map(({ added, removed, value }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }));
}
