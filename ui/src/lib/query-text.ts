// The text of a search, taken apart: words, "phrases" and filters such as `model:gpt-4o` or `cost>0.02`. The text stays
// the one truth; what is drawn as chips and ticked in lists is read from it, and changes are written back into it.

export interface QueryPart {
  kind: 'word' | 'phrase' | 'filter';
  /** Where it stands in the text, in UTF-16 units. */
  start: number;
  end: number;
  negated: boolean;
  /** Name and operator of a filter: `cost>`; empty otherwise. */
  name: string;
  /** Without quotes. */
  value: string;
}

const part = /(-?)(?:([a-zA-Z]+(?:[<>]=?|:))("[^"]*"?|[^\s"]*)|"([^"]*)"?|([^\s"]+))/g;

export function queryParts(text: string): QueryPart[] {
  return [...text.matchAll(part)].map((found): QueryPart => {
    const [whole, minus, name, value, phrase, word] = found;
    const common = { start: found.index, end: found.index + whole.length, negated: minus === '-' };
    if (name !== undefined)
      return { ...common, kind: 'filter', name: name.toLowerCase(), value: (value ?? '').replaceAll('"', '') };
    if (phrase !== undefined) return { ...common, kind: 'phrase', name: '', value: phrase };
    return { ...common, kind: 'word', name: '', value: word ?? '' };
  });
}

/** `connection:"Scale prod"`: quotes where the value has spaces. */
export function filterText(name: string, value: string): string {
  return /[\s"]/.test(value) ? `${name}"${value.replaceAll('"', '')}"` : `${name}${value}`;
}

function sameFilter(one: QueryPart, other: QueryPart | undefined): boolean {
  return (
    other !== undefined &&
    one.kind === other.kind &&
    one.negated === other.negated &&
    one.name === other.name &&
    one.value.toLowerCase() === other.value.toLowerCase()
  );
}

export function hasFilter(text: string, filter: string): boolean {
  const [wanted] = queryParts(filter);
  return queryParts(text).some((one) => sameFilter(one, wanted));
}

/** Adds a filter before the words that are being typed. */
export function withFilter(text: string, filter: string): string {
  if (hasFilter(text, filter)) return text;
  const last = queryParts(text).findLast(({ kind }) => kind === 'filter');
  const at = last?.end ?? 0;
  const before = text.slice(0, at).trim();
  const after = text.slice(at).trim();
  return [before, filter, after].filter((piece) => piece !== '').join(' ');
}

function drop(text: string, parts: readonly QueryPart[]): string {
  let rest = text;
  for (const { start, end } of parts.toReversed())
    rest = `${rest.slice(0, start).trimEnd()} ${rest.slice(end).trimStart()}`;
  return rest.trim();
}

export function withoutFilter(text: string, filter: string): string {
  const [wanted] = queryParts(filter);
  return drop(
    text,
    queryParts(text).filter((one) => sameFilter(one, wanted)),
  );
}

/** Takes every filter of these names away. */
export function withoutNames(text: string, names: readonly string[]): string {
  return drop(
    text,
    queryParts(text).filter(({ kind, name }) => kind === 'filter' && names.includes(name)),
  );
}

/** The words alone. */
export function withoutFilters(text: string): string {
  return drop(
    text,
    queryParts(text).filter(({ kind }) => kind === 'filter'),
  );
}
