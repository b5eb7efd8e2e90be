// Which words of a text became others, or which sentences.
import { matchesOf, type Effort } from './sequence-diff';
import { paragraphsOf, sentencesOf, wordsOf, type Token } from './text-tokens';

export interface DiffPart {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

export type Granularity = 'words' | 'sentences';

export interface TextDiff {
  parts: DiffPart[];
  /** Words or sentences, as they were compared. */
  kept: number;
  added: number;
  removed: number;
  /** So much differs that some of it was compared by sentence or paragraph, and is marked as a whole. */
  coarse: boolean;
}

/** What one search may cost, so that no pair of texts makes the page wait: 2,000 changes, or a few hundredths of a second. */
const SEARCH = 4_000_000;
/** What all searches within paragraphs may cost together, and one of them. */
const REFINING = 8_000_000;
const REFINING_ONE = 1_000_000;
/** The longest text, in UTF-16 units, of which that is tried. */
const REFINING_TEXT = 20_000;

const divisions: Record<Granularity, (text: string) => Token[]> = { words: wordsOf, sentences: sentencesOf };

export function wordDiff(before: string, after: string): DiffPart[] {
  return textDiff(before, after, 'words').parts;
}

export function textDiff(before: string, after: string, granularity: Granularity): TextDiff {
  const divide = divisions[granularity];
  const [old, fresh] = [divide(before), divide(after)];
  const made = new Parts(divide);
  const groups = groupsOf(old, fresh, { steps: SEARCH });
  if (groups) for (const group of groups) made.add(group);
  else coarser(made, before, after);
  const { parts, kept, coarse } = made.done();
  return { parts, kept, removed: counted(old) - kept, added: counted(fresh) - kept, coarse };
}

/** How many words or sentences a text has. */
export function countOf(text: string, granularity: Granularity): number {
  return counted(divisions[granularity](text));
}

/** A change without the white space around it, which is neither struck nor underlined. */
export function withoutEdges(text: string): { lead: string; core: string; trail: string } {
  const core = text.trim();
  if (core === '') return { lead: '', core: text, trail: '' };
  const start = text.indexOf(core);
  return { lead: text.slice(0, start), core, trail: text.slice(start + core.length) };
}

function closer(made: Parts, before: string, after: string, effort: Effort): boolean {
  if (before === '' || after === '' || Math.max(before.length, after.length) > REFINING_TEXT) return false;
  const groups = groupsOf(made.divide(before), made.divide(after), effort);
  if (!groups) return false;
  for (const group of groups) made.add(group);
  return true;
}

/** By sentence, or else by paragraph; what differs between those that stayed is looked at more closely as far as it goes. */
function coarser(made: Parts, old: string, fresh: string): void {
  const units = made.divide === wordsOf ? [sentencesOf, paragraphsOf] : [paragraphsOf];
  for (const divide of units) {
    const groups = groupsOf(divide(old), divide(fresh), { steps: SEARCH });
    if (!groups) continue;
    const left = { steps: REFINING };
    for (const group of groups) {
      const { removed, added } = group;
      if (group.same.length > 0) {
        made.add(group, ({ text }) => counted(made.divide(text)));
        continue;
      }
      const effort = { steps: Math.min(left.steps, REFINING_ONE) };
      const given = effort.steps;
      const [before, after] = [textOf(removed), textOf(added)];
      if (!closer(made, before, after, effort)) made.replaced(before, after);
      left.steps -= given - effort.steps;
    }
    return;
  }
  made.replaced(old, fresh);
}

/** Either tokens that stayed, with those of both sides, or tokens that gave way to others. */
interface Group {
  same: { before: Token; after: Token }[];
  removed: Token[];
  added: Token[];
}

function groupsOf(before: readonly Token[], after: readonly Token[], effort: Effort): Group[] | null {
  const numbers = new Map<string, number>();
  const numbered = (tokens: readonly Token[]) =>
    Int32Array.from(tokens, ({ text }) => {
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      return number;
    });
  const matches = matchesOf(numbered(before), numbered(after), effort);
  if (!matches) return null;
  const groups: Group[] = [];
  let [was, is] = [0, 0];
  const changed = (toWas: number, toIs: number) => {
    if (toWas > was || toIs > is)
      groups.push({ same: [], removed: before.slice(was, toWas), added: after.slice(is, toIs) });
  };
  for (const match of matches) {
    changed(match.before, match.after);
    [was, is] = [match.before + match.length, match.after + match.length];
    const same = before
      .slice(match.before, was)
      .map((token, at) => ({ before: token, after: after[match.after + at]! }));
    groups.push({ same, removed: [], added: [] });
  }
  changed(before.length, after.length);
  return groups;
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ lead, text }) => lead + text).join('');
}

const one = ({ counts }: Token): number => (counts ? 1 : 0);

function counted(tokens: readonly Token[]): number {
  return tokens.reduce((sum, token) => sum + one(token), 0);
}

/** Puts parts together. White space that both sides of a change begin or end with is no part of it. */
class Parts {
  readonly #parts: DiffPart[] = [];
  #removed = '';
  #added = '';
  #kept = 0;
  #coarse = false;

  constructor(readonly divide: (text: string) => Token[]) {}

  /** `count` says how many words or sentences a token is. */
  add({ same, removed, added }: Group, count = one): void {
    this.#removed += textOf(removed);
    this.#added += textOf(added);
    for (const { before, after } of same) {
      this.#kept += count(before);
      if (before.lead === after.lead) this.#same(before.lead + before.text);
      else {
        this.#removed += before.lead;
        this.#added += after.lead;
        this.#same(before.text);
      }
    }
  }

  replaced(before: string, after: string): void {
    this.#coarse ||= before !== '' && after !== '';
    this.#removed += before;
    this.#added += after;
  }

  done(): { parts: DiffPart[]; kept: number; coarse: boolean } {
    this.#end();
    return { parts: this.#parts, kept: this.#kept, coarse: this.#coarse };
  }

  #same(text: string): void {
    this.#end();
    this.#push('same', text);
  }

  #end(): void {
    let [removed, added] = [this.#removed, this.#added];
    [this.#removed, this.#added] = ['', ''];
    let start = 0;
    while (start < Math.min(removed.length, added.length) && isSharedSpace(removed.charAt(start), added.charAt(start)))
      start += 1;
    this.#push('same', removed.slice(0, start));
    [removed, added] = [removed.slice(start), added.slice(start)];
    let end = 0;
    while (end < Math.min(removed.length, added.length) && isSharedSpace(removed.at(-1 - end)!, added.at(-1 - end)!))
      end += 1;
    const tail = removed.slice(removed.length - end);
    this.#push('removed', removed.slice(0, removed.length - end));
    this.#push('added', added.slice(0, added.length - end));
    this.#push('same', tail);
  }

  #push(kind: DiffPart['kind'], text: string): void {
    if (text === '') return;
    const last = this.#parts.at(-1);
    if (last?.kind === kind) last.text += text;
    else this.#parts.push({ kind, text });
  }
}

function isSharedSpace(one: string, other: string): boolean {
  return one === other && /\s/.test(one);
}
