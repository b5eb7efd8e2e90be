/** What a lane sends now and did not send when it last worked. */
import type { Cell } from '../../bindings/Cell';
import type { HeaderView } from '../../bindings/HeaderView';
import { plural } from '../../lib/format';
import { itemsAt, sliceAt } from '../../lib/json-slice';
import { isJson, unquote } from '../../lib/json-text';

export interface Change {
  name: string;
  /** As it is to be read; `null` when it was not sent. */
  before: string | null;
  now: string | null;
  /** It may hold words of the person, which a report for others leaves out. */
  content: boolean;
}

/** Members that hold what is asked, where their number says enough. */
const CONTENT = ['messages', 'input', 'prompt'];
const NOT_SETTINGS = new Set([...CONTENT, 'model', 'stream']);
const LONGEST = 60;

export function changedSince(before: Cell, now: Cell): Change[] {
  const changes: Change[] = [];
  const add = (name: string, was: string | null, is: string | null, content = false) => {
    if (was !== is) changes.push({ name, before: was, now: is, content });
  };
  if (before.connection !== now.connection) add('connection', before.connectionName, now.connectionName);
  else add('base URL', originOf(before), originOf(now));
  add('endpoint', before.endpoint, now.endpoint);
  add('model', before.model, now.model);
  addHeaders(before, now, add);
  for (const name of CONTENT) addContent(name, before, now, add);
  const [was, is] = [keysOf(before), keysOf(now)];
  for (const name of new Set([...was.keys(), ...is.keys()])) {
    const [one, other] = [was.get(name) ?? null, is.get(name) ?? null];
    if (one === other) continue;
    const [old, fresh] = [said(name, one), said(name, other)];
    const content = ![one, other].every((json) => json === null || isPlain(json));
    // Two long values may begin in the same way.
    add(name, old, old === fresh && fresh !== null ? `${fresh}, edited` : fresh, content);
  }
  return changes;
}

/** A line for each change. What the person wrote is named and not shown, unless they choose so. */
export function reportLines(changes: readonly Change[], withContent: boolean): string[] {
  return changes.map(({ name, before, now, content }) =>
    content && !withContent ? `${name} changed` : `${name}: ${before ?? 'unset'} → ${now ?? 'unset'}`,
  );
}

type Add = (name: string, was: string | null, is: string | null, content?: boolean) => void;

function keysOf(cell: Cell): Map<string, string> {
  const keys = (cell.request?.keys ?? []).filter(({ name, json }) => !NOT_SETTINGS.has(name) && json !== '');
  return new Map(keys.map((key) => [key.name, key.json]));
}

function originOf(cell: Cell): string | null {
  const url = cell.request?.url;
  return url === undefined || !URL.canParse(url) ? null : new URL(url).origin;
}

/** Headers of the connection; those that the protocol wants follow from the rest. A key is told by its last letters. */
function addHeaders(before: Cell, now: Cell, add: Add): void {
  const of = (cell: Cell): Map<string, string> => {
    const own = (cell.request?.headers ?? []).filter((header: HeaderView) => header.origin === 'connection');
    return new Map(own.map((header) => [header.name.toLowerCase(), header.value]));
  };
  const [was, is] = [of(before), of(now)];
  for (const name of new Set([...was.keys(), ...is.keys()]))
    add(`header ${name}`, was.get(name) ?? null, is.get(name) ?? null);
}

function addContent(name: string, before: Cell, now: Cell, add: Add): void {
  const [was, is] = [contentOf(before, name), contentOf(now, name)];
  if (was === is) return;
  const [old, fresh] = [amount(name, was), amount(name, is)];
  add(name, old, old === fresh ? `${fresh ?? ''}, edited` : fresh);
}

function contentOf(cell: Cell, name: string): string | null {
  const body = cell.request?.body ?? '';
  return isJson(body) && body.trimStart().startsWith('{') ? sliceAt(body, `/${name}`) : null;
}

/** `3 messages`, `412 letters`. */
function amount(name: string, json: string | null): string | null {
  if (json === null) return null;
  const items = json.startsWith('[') ? itemsAt(json, '')?.items : null;
  if (items) return plural(items.length, name === 'messages' ? 'message' : name === 'input' ? 'item' : 'text');
  const text = unquote(json);
  return text === null ? short(json) : plural([...text].length, 'letter');
}

/** Tools by their names, a schema by its own, the rest as it is spelled. */
function said(name: string, json: string | null): string | null {
  if (json === null) return null;
  if (name === 'tools' || name === 'functions') return toolNames(json) ?? short(json);
  return short(json);
}

function toolNames(json: string): string | null {
  if (!isJson(json)) return null;
  const tools: unknown = JSON.parse(json);
  if (!Array.isArray(tools)) return null;
  const names = tools.map((tool: { name?: unknown; type?: unknown; function?: { name?: unknown } } | null) =>
    String(tool?.function?.name ?? tool?.name ?? tool?.type ?? '?'),
  );
  return names.length === 0 ? 'no tools' : short(names.join(', '));
}

function isPlain(json: string): boolean {
  return /^(?:-?\d|true|false|null)/.test(json.trim());
}

function short(text: string): string {
  const one = text.replace(/\s+/g, ' ');
  return one.length > LONGEST ? `${one.slice(0, LONGEST - 1)}…` : one;
}
