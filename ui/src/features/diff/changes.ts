// A diff as it is drawn: paragraphs of pieces, in which what goes and what comes at one place is one difference.
import { withoutEdges, type DiffPart } from '../../lib/word-diff';

export interface Place {
  from: number;
  to: number;
  why: string;
}

export interface Run {
  text: string;
  /** Why this piece makes a check fail. */
  why: string | null;
}

export interface Change {
  kind: 'change';
  /** From 0, over the whole answer. */
  number: number;
  lead: string;
  removed: string;
  /** White space between what went and what came. */
  between: string;
  added: Run[];
  trail: string;
}

export interface Same {
  kind: 'same';
  runs: Run[];
}

export type Piece = Change | Same;

/** `places` are in the text after the change. */
export function paragraphs(parts: readonly DiffPart[], places: readonly Place[] = []): Piece[][] {
  const blocks: Piece[][] = [[]];
  const cut = cutter(places);
  let number = 0;
  let at = 0;
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index]!;
    const block = blocks.at(-1)!;
    if (part.kind === 'same') {
      for (const [line, text] of (part.text.match(/[^]*?\n\n|[^]+$/g) ?? []).entries()) {
        if (line > 0) blocks.push([]);
        blocks.at(-1)!.push({ kind: 'same', runs: cut(text, at) });
        at += text.length;
      }
      continue;
    }
    const next = parts[index + 1];
    const removed = part.kind === 'removed' ? part : null;
    const added = part.kind === 'added' ? part : next?.kind === 'added' ? next : null;
    if (removed && added) index += 1;
    const went = removed ? withoutEdges(removed.text) : null;
    const came = added ? withoutEdges(added.text) : null;
    block.push({
      kind: 'change',
      number,
      lead: went?.lead ?? came?.lead ?? '',
      removed: went?.core ?? '',
      between: went && came ? went.trail || came.lead : '',
      added: came && added ? cut(came.core, at + came.lead.length) : [],
      trail: (came ?? went)?.trail ?? '',
    });
    number += 1;
    at += added?.text.length ?? 0;
  }
  return blocks.filter((block) => block.length > 0);
}

function cutter(places: readonly Place[]): (text: string, at: number) => Run[] {
  const sorted = [...places].sort((one, other) => one.from - other.from);
  return (text, at) => {
    const runs: Run[] = [];
    let done = 0;
    for (const { from, to, why } of sorted) {
      const [start, end] = [Math.max(done, from - at), Math.min(text.length, to - at)];
      if (end <= start) continue;
      if (start > done) runs.push({ text: text.slice(done, start), why: null });
      runs.push({ text: text.slice(start, end), why });
      done = end;
    }
    if (done < text.length) runs.push({ text: text.slice(done), why: null });
    return runs;
  };
}

/** Space that changed and nothing else: what is drawn for it, and what it is called. */
const SIGNS: Record<string, [sign: string, name: string]> = {
  '\n': ['↵', 'line break'],
  '\r': ['␍', 'carriage return'],
  '\t': ['→', 'tab'],
  '\u00a0': ['⍽', 'no-break space'],
  '\u202f': ['⍽', 'narrow no-break space'],
};

export function spaceSigns(text: string): { signs: string; name: string } | null {
  if (text === '' || text.trim() !== '') return null;
  const known = [...text].map((one): [string, string] => SIGNS[one] ?? ['·', 'space']);
  const names = [...new Set(known.map(([, name]) => name))];
  return { signs: known.map(([sign]) => sign).join(''), name: names.join(' and ') };
}
