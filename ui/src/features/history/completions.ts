// What can be meant by the part of a query that is being typed.
import type { FilterHelp } from '../../bindings/FilterHelp';
import type { SearchFacets } from '../../bindings/SearchFacets';
import { fold } from '../../lib/hits';
import { queryParts } from '../../lib/query-text';

export interface Completion {
  /** What stands in the text afterwards. */
  text: string;
  about: string;
  /** A value follows, so that no space is put behind it. */
  open: boolean;
}

const most = 8;
const dates = ['today', 'yesterday', '7d', '30d'];

/** `cost>` of `cost>`, `has:` of `has:tool`. */
export function filterName(filter: string): string {
  return /^[a-z]+(?:[<>]=?|:)/i.exec(filter)?.[0] ?? filter;
}

export interface Completing {
  /** The part of the text that a choice takes the place of. */
  start: number;
  end: number;
  choices: Completion[];
}

export function completing(
  text: string,
  caret: number,
  help: readonly FilterHelp[],
  facets: SearchFacets | null,
): Completing | null {
  const part = queryParts(text).find(({ start, end }) => start < caret && caret <= end);
  if (!part || part.kind === 'phrase' || caret < part.end) return null;
  const sign = part.negated ? '-' : '';
  const typed = fold(text.slice(part.start + sign.length, part.end)).replaceAll('"', '');
  const values = (facets?.groups ?? []).flatMap(({ values: list }) =>
    list.map(({ filter, count, label }) => ({ filter, about: `${label}, ${count}` })),
  );
  const known = new Map<string, Completion>();
  const offer = (filter: string, about: string, open: boolean) => {
    const plain = fold(filter).replaceAll('"', '');
    if (plain.startsWith(typed) && plain !== typed && !known.has(filter))
      known.set(filter, { text: sign + filter, about, open });
  };
  if (part.kind === 'word') {
    for (const { filter, meaning } of help) offer(filter, meaning, filterName(filter) === filter);
  } else {
    for (const { filter, about } of values) offer(filter, about, false);
    for (const { filter, meaning } of help) if (filterName(filter) !== filter) offer(filter, meaning, false);
    for (const date of dates) if (/^(before|after):/.test(part.name)) offer(part.name + date, '', false);
  }
  const choices = [...known.values()].slice(0, most);
  return choices.length === 0 ? null : { start: part.start, end: part.end, choices };
}
