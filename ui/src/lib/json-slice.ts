// A value inside a JSON text, as it is spelled there: reading it as a value and writing it again would change numbers.

/** The text of the value at a JSON pointer; `null` when there is none. The text must be JSON. */
export function sliceAt(json: string, pointer: string): string | null {
  const start = startAt(json, pointer);
  return start === null ? null : json.slice(start, endOfValue(json, start));
}

/** The text with another value at a JSON pointer, and as it was where the pointer leads nowhere. */
export function replaceAt(json: string, pointer: string, value: string): string {
  const start = startAt(json, pointer);
  return start === null ? json : json.slice(0, start) + value + json.slice(endOfValue(json, start));
}

/** Where a member of an object or an element of a list stands in the text. */
export interface Item {
  /** `null` for an element. */
  name: string | null;
  /** Where it begins: for a member with its name. */
  from: number;
  /** Where its value begins and where it ends. */
  start: number;
  end: number;
}

/** The items of the object or list at a JSON pointer; `null` when there is none. The text must be JSON. */
export function itemsAt(json: string, pointer: string): { open: number; close: number; items: Item[] } | null {
  const open = startAt(json, pointer);
  if (open === null || !'{['.includes(json.charAt(open))) return null;
  const isObject = json.charAt(open) === '{';
  const items: Item[] = [];
  let at = skipSpace(json, open + 1);
  while (at < json.length && !']}'.includes(json.charAt(at))) {
    const from = at;
    let name: string | null = null;
    if (isObject) {
      const end = endOfString(json, at);
      name = textOf(json.slice(at, end));
      at = skipSpace(json, skipSpace(json, end) + 1);
    }
    const end = endOfValue(json, at);
    items.push({ name, from, start: at, end });
    at = skipSpace(json, end);
    if (json.charAt(at) === ',') at = skipSpace(json, at + 1);
  }
  return { open, close: at, items };
}

/** Names and values of an object, in the order in which they stand. The text must be JSON. */
export function membersOf(json: string): { name: string; json: string }[] {
  const members: { name: string; json: string }[] = [];
  let at = skipSpace(json, skipSpace(json, 0) + 1);
  while (at < json.length && json.charAt(at) !== '}') {
    const end = endOfString(json, at);
    const start = skipSpace(json, skipSpace(json, end) + 1);
    const stop = endOfValue(json, start);
    members.push({ name: textOf(json.slice(at, end)), json: json.slice(start, stop) });
    at = skipSpace(json, stop);
    if (json.charAt(at) === ',') at = skipSpace(json, at + 1);
  }
  return members;
}

function startAt(json: string, pointer: string): number | null {
  let start = skipSpace(json, 0);
  for (const step of stepsOf(pointer)) {
    const found = child(json, start, step);
    if (found === null) return null;
    start = found;
  }
  return start;
}

function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Where the member or element of that name begins, in the object or list that begins at `start`. */
function child(json: string, start: number, name: string): number | null {
  const isObject = json.charAt(start) === '{';
  if (!isObject && json.charAt(start) !== '[') return null;
  let found: number | null = null;
  let at = skipSpace(json, start + 1);
  for (let index = 0; at < json.length && !']}'.includes(json.charAt(at)); index += 1) {
    let own = String(index);
    if (isObject) {
      const end = endOfString(json, at);
      own = textOf(json.slice(at, end));
      at = skipSpace(json, skipSpace(json, end) + 1);
    }
    // Of two members of one name the last one counts, as it does for every reader.
    if (own === name) found = at;
    at = skipSpace(json, endOfValue(json, at));
    if (json.charAt(at) === ',') at = skipSpace(json, at + 1);
  }
  return found;
}

function textOf(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return '';
  }
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (at < json.length && ' \t\n\r'.includes(json.charAt(at))) at += 1;
  return at;
}

function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json.charAt(at) !== '"') at += json.charAt(at) === '\\' ? 2 : 1;
  return Math.min(json.length, at + 1);
}

function endOfValue(json: string, start: number): number {
  const first = json.charAt(start);
  if (first === '"') return endOfString(json, start);
  let at = start;
  if (first !== '{' && first !== '[') {
    while (at < json.length && !' \t\n\r,]}'.includes(json.charAt(at))) at += 1;
    return at;
  }
  let depth = 0;
  while (at < json.length) {
    const character = json.charAt(at);
    if (character === '"') {
      at = endOfString(json, at);
      continue;
    }
    at += 1;
    if ('{['.includes(character)) depth += 1;
    else if ('}]'.includes(character) && --depth === 0) return at;
  }
  return at;
}
