// Rows of text of any number: only those near what can be seen are here.
import type { DocumentRow } from '../../../bindings/DocumentRow';

export interface RowSource {
  readonly count: number;
  /** A row that is here; `null` while it is on its way. */
  row(index: number): DocumentRow | null;
  /** Whether the row begins within a JSON string that an earlier row opened. */
  insideString(index: number): boolean;
  /** What can be seen now, so that it is fetched. */
  want(first: number, last: number): void;
  /** Rows for something else than looking: a search, the clipboard. */
  read(from: number, count: number): Promise<DocumentRow[]>;
}

/** UTF-16 units of a row; what is longer goes on below. */
const LONGEST = 400;

/** Rows of a text that is all here. */
export function textRows(text: string): RowSource {
  const rows: DocumentRow[] = [];
  for (const [index, line] of text
    .replace(/\n$/, '')
    .split(/\r\n|\n/)
    .entries()) {
    let from = 0;
    do {
      let to = Math.min(line.length, from + LONGEST);
      const last = line.charCodeAt(to - 1);
      if (to < line.length && last >= 0xd800 && last < 0xdc00) to -= 1;
      rows.push({ line: from === 0 ? index + 1 : null, text: line.slice(from, to) });
      from = to;
    } while (from < line.length);
  }
  return {
    count: rows.length,
    row: (index) => rows[index] ?? null,
    insideString: () => false,
    want: () => {},
    read: (from, count) => Promise.resolve(rows.slice(from, from + count)),
  };
}

/** The text of rows one below the other, as it was before long lines were continued. */
export function joinRows(rows: readonly DocumentRow[]): string {
  return rows.map(({ line, text }, index) => (index > 0 && line !== null ? `\n${text}` : text)).join('');
}
