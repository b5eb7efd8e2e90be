// Where the words of a search stand in a text. Words are compared as the history compares them: without case and accents.
import type { SnippetPart } from '../bindings/SnippetPart';
import { queryParts } from './query-text';

/** Words that must follow each other; the last may be the beginning of one. */
export interface Term {
  words: string[];
  open: boolean;
}

const word = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
}

/** What a query looks for in texts; the word that is being typed may go on. */
export function termsOf(query: string): Term[] {
  const parts = queryParts(query);
  return parts.flatMap((part, index): Term[] => {
    if (part.kind === 'filter' || part.negated) return [];
    const words = (part.value.match(word) ?? []).map(fold).filter((one) => one !== '');
    if (words.length === 0) return [];
    const typing = index === parts.length - 1 && part.kind === 'word' && !/\s$/.test(query);
    return [{ words, open: typing || part.value.endsWith('*') }];
  });
}

/** The text in pieces, those that match marked. */
export function markHits(text: string, terms: readonly Term[]): SnippetPart[] {
  if (terms.length === 0 || text === '') return [{ text, hit: false }];
  const words = [...text.matchAll(word)].map((found) => ({
    start: found.index,
    end: found.index + found[0].length,
    folded: fold(found[0]),
  }));
  const parts: SnippetPart[] = [];
  let told = 0;
  for (let at = 0; at < words.length;) {
    const length = lengthOfHit(words, at, terms);
    const first = words[at];
    const last = words[at + Math.max(1, length) - 1];
    if (length > 0 && first && last) {
      if (first.start > told) parts.push({ text: text.slice(told, first.start), hit: false });
      parts.push({ text: text.slice(first.start, last.end), hit: true });
      told = last.end;
    }
    at += Math.max(1, length);
  }
  if (told < text.length) parts.push({ text: text.slice(told), hit: false });
  return parts;
}

/** How many words from `at` on make a hit; 0 for none. */
function lengthOfHit(words: readonly { folded: string }[], at: number, terms: readonly Term[]): number {
  const fits = (term: Term) =>
    term.words.every((wanted, index) => {
      const folded = words[at + index]?.folded;
      if (folded === undefined) return false;
      return index === term.words.length - 1 && term.open ? folded.startsWith(wanted) : folded === wanted;
    });
  return Math.max(0, ...terms.filter(fits).map((term) => term.words.length));
}

/** The text in pieces, each place of another text marked, letter case aside. */
export function markPlaces(text: string, wanted: string): SnippetPart[] {
  const sought = wanted.toLowerCase();
  const parts: SnippetPart[] = [];
  let told = 0;
  for (const start of sought === '' ? [] : places(text, sought)) {
    if (start > told) parts.push({ text: text.slice(told, start), hit: false });
    parts.push({ text: text.slice(start, start + sought.length), hit: true });
    told = start + sought.length;
  }
  if (told < text.length) parts.push({ text: text.slice(told), hit: false });
  return parts;
}

/** Where a lower-case text begins in another, letter case aside. */
export function places(text: string, wanted: string): number[] {
  const lower = text.toLowerCase();
  // A few letters change their length with their case; then places are only right with the case as it is.
  const where = lower.length === text.length ? lower : text;
  const out: number[] = [];
  for (let at = where.indexOf(wanted); at >= 0; at = where.indexOf(wanted, at + wanted.length)) out.push(at);
  return out;
}
