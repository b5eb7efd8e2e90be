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
  return inPhrases(
    changes.map(({ added, removed, value }) => ({
      kind: added ? 'added' : removed ? 'removed' : 'same',
      text: value,
    })),
  );
}

/** A space that two changed words have in common is no word that stayed: they are one change, which can be read. */
function inPhrases(parts: DiffPart[]): DiffPart[] {
  const phrases: DiffPart[] = [];
  let [removed, added] = ['', ''];
  const end = () => {
    if (removed !== '') phrases.push({ kind: 'removed', text: removed });
    if (added !== '') phrases.push({ kind: 'added', text: added });
    [removed, added] = ['', ''];
  };
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1];
    if (part.kind === 'removed') removed += part.text;
    else if (part.kind === 'added') added += part.text;
    else if (removed !== '' && added !== '' && next && next.kind !== 'same' && /^[^\S\n]+$/.test(part.text)) {
      removed += part.text;
      added += part.text;
    } else {
      end();
      phrases.push(part);
    }
  }
  end();
  return phrases;
}
