// Which keys of two requests differ. Values are compared as they are spelled: 0.20 is sent as something else than 0.2.
import type { RequestView } from '../../bindings/RequestView';
import { membersOf } from '../../lib/json-slice';
import { isJson, unquote } from '../../lib/json-text';
import { withoutSpace } from './json-space';

export interface KeyDifference {
  name: string;
  /** JSON text; `null` where no such key is sent. */
  base: string | null;
  own: string | null;
}

export interface KeyDiff {
  differs: KeyDifference[];
  equal: number;
  /** The same keys in another order. */
  reordered: boolean;
  /** A body that is no JSON object was compared as a whole. */
  whole: boolean;
}

/** The members of a body; `null` when it is no JSON object. */
function keysOf({ body }: RequestView): Map<string, string> | null {
  if (!body.trimStart().startsWith('{') || !isJson(body)) return null;
  // Of two members of one name the last one counts, as it does for every reader.
  return new Map(membersOf(body).map(({ name, json }) => [name, withoutSpace(json)]));
}

export function keyDiff(base: RequestView, own: RequestView): KeyDiff {
  const [was, is] = [keysOf(base), keysOf(own)];
  if (!was || !is) {
    const differs = base.body === own.body ? [] : [{ name: 'body', base: base.body, own: own.body }];
    return { differs, equal: 0, reordered: false, whole: true };
  }
  const names = [...new Set([...is.keys(), ...was.keys()])];
  const rows = names.map((name) => ({ name, base: was.get(name) ?? null, own: is.get(name) ?? null }));
  const differs = rows.filter((row) => row.base !== row.own);
  const isSame = names.length === was.size && names.length === is.size;
  return {
    differs,
    equal: rows.length - differs.length,
    reordered: isSame && [...was.keys()].join('\n') !== [...is.keys()].join('\n'),
    whole: false,
  };
}

/** What the base sends for keys in which any lane differs from it, in the order of the request. */
export function baseKeys(base: RequestView, others: readonly RequestView[]): { name: string; json: string }[] {
  const own = keysOf(base);
  if (!own) return [];
  const names = new Set(others.flatMap((other) => keyDiff(base, other).differs.map(({ name }) => name)));
  return [...own].filter(([name]) => names.has(name)).map(([name, json]) => ({ name, json }));
}

/** Longest value that is written out, in characters. */
const LONG = 40;

/** A value to be read: a string without its quotes, unless it would look like something else without them. */
export function valueWords(json: string): string {
  const text = unquote(json);
  return text === null || text === '' || text.trim() !== text || isJson(text) ? json : text;
}

export function isLong(json: string | null): boolean {
  return json !== null && json.length > LONG;
}
