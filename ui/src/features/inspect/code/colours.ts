// Colours of code: the highlighter reads the whole, rows show their part of it.
import { highlightText } from '../../../markdown/highlight';
import type { Piece, Role } from '../lines/colour';

const roles: Record<string, Role> = { kw: 'keyword', nu: 'literal', co: 'comment', at: 'key' };

/** Longest text that is worth the highlighter's time, UTF-16 units. */
const LONGEST = 100_000;

/** Pieces line by line, or `null` when the text stays in one colour. */
export async function colourCode(text: string, syntax: string): Promise<Piece[][] | null> {
  if (text.length > LONGEST) return null;
  const runs = await highlightText(text, syntax);
  if (!runs) return null;
  const lines: Piece[][] = [[]];
  for (const { kind, text: run } of runs) {
    for (const [index, part] of run.split(/\r\n|\n/).entries()) {
      if (index > 0) lines.push([]);
      if (part !== '') lines.at(-1)!.push({ text: part, role: roles[kind] ?? '' });
    }
  }
  return lines;
}

/** The pieces that lie between two places of a line. */
export function cut(pieces: readonly Piece[], start: number, end: number): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  for (const { text, role } of pieces) {
    const part = text.slice(Math.max(0, start - at), Math.max(0, end - at));
    if (part !== '') out.push({ text: part, role });
    at += text.length;
  }
  return out;
}

/** Sets names apart wherever they stand. */
export function setApart(pieces: readonly Piece[], names: readonly string[]): Piece[] {
  const wanted = names.filter((name) => name !== '');
  if (wanted.length === 0) return [...pieces];
  const pattern = new RegExp(`\\b(${wanted.map((name) => name.replace(/[^\w]/g, '\\$&')).join('|')})\\b`);
  return pieces.flatMap(({ text, role }) =>
    text.split(pattern).flatMap((part, index): Piece[] => {
      if (part === '') return [];
      return [{ text: part, role: index % 2 === 1 ? 'secret' : role }];
    }),
  );
}
