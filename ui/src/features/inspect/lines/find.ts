// Looking for a text in rows that are not here: they are fetched in chunks, from where the person is and round again.
import type { DocumentRow } from '../../../bindings/DocumentRow';
import { places } from '../../../lib/hits';
import type { RowSource } from './rows';

export interface Match {
  row: number;
  /** UTF-16 units within the row; the end may lie on rows below. */
  start: number;
  length: number;
}

const CHUNK = 2000;
/** Rows beyond a chunk, for a match that goes on below its row. */
const OVERLAP = 2;

export interface Search {
  rows: RowSource;
  text: string;
  /** Where to begin: the first match after this place, or the last one before it. */
  from: { row: number; start: number };
  backwards: boolean;
  signal: AbortSignal;
  /** Rows looked at so far. */
  progress(rows: number): void;
}

/** The next match, or `null` when there is none in all rows. */
export async function find({ rows, text, from, backwards, signal, progress }: Search): Promise<Match | null> {
  const wanted = text.toLowerCase();
  const count = rows.count;
  if (wanted === '' || count === 0) return null;
  const chunks = Math.ceil(count / CHUNK);
  const firstChunk = Math.min(chunks - 1, Math.floor(from.row / CHUNK));
  // The chunk that is begun in is looked at twice: after the place, and at the end before it.
  for (let step = 0; step <= chunks; step += 1) {
    const chunk = (((firstChunk + (backwards ? -step : step)) % chunks) + chunks) % chunks;
    const begin = chunk * CHUNK;
    const size = Math.min(CHUNK, count - begin);
    const read = await rows.read(begin, size + OVERLAP);
    if (signal.aborted) return null;
    const matches = matchesIn(read, size, wanted).map((match) => ({ ...match, row: match.row + begin }));
    const isAfter = (match: Match) => match.row > from.row || (match.row === from.row && match.start > from.start);
    const isBefore = (match: Match) => match.row < from.row || (match.row === from.row && match.start < from.start);
    const fits = step === 0 ? matches.filter(backwards ? isBefore : isAfter) : matches;
    const found = backwards ? fits.at(-1) : fits[0];
    if (found) return found;
    progress(Math.min(count, (step + 1) * CHUNK));
  }
  return null;
}

/** Every place of a lower-case text in rows, of which the last ones are only there to be looked into. */
function matchesIn(rows: readonly DocumentRow[], count: number, wanted: string): Match[] {
  const out: Match[] = [];
  for (let index = 0; index < count; index += 1) {
    const own = rows[index]?.text;
    if (own === undefined) break;
    let text = own;
    for (let next = index + 1; text.length < own.length + wanted.length - 1 && rows[next]?.line === null; next += 1) {
      text += rows[next]!.text;
    }
    for (const start of places(text, wanted)) {
      if (start < own.length) out.push({ row: index, start, length: wanted.length });
    }
  }
  return out;
}
