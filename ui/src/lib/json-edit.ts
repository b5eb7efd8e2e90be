// Edits inside a JSON text. Each changes what it is told to and nothing beside it: other members keep their order, their
// spaces and the spelling of their numbers. The text must be JSON; what is put into it is laid out like what stands there.
import { itemsAt, replaceAt, type Item } from './json-slice';
import { layOut, quote } from './json-text';

/** JSON without the spaces that do not matter. */
export function compact(json: string): string {
  return json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, text: string | undefined) => text ?? '');
}

/**
 * Gives a member of the object at `pointer` a value. A member that is new stands before those that `order` names after it,
 * else at the end.
 */
export function setMember(
  json: string,
  pointer: string,
  name: string,
  value: string,
  order: readonly string[] = [],
): string {
  const holder = itemsAt(json, pointer);
  if (!holder || json.charAt(holder.open) !== '{') return json;
  const { items } = holder;
  if (items.some((item) => item.name === name)) return replaceAt(json, `${pointer}/${step(name)}`, value);
  const rank = order.indexOf(name);
  const later = rank < 0 ? -1 : items.findIndex((item) => order.indexOf(item.name ?? '') > rank);
  const [first] = items;
  const afterName = first ? json.slice(first.from, first.start).match(/\s*:\s*$/)?.[0] : undefined;
  const colon = afterName ?? (json.includes('\n') ? ': ' : ':');
  return insert(json, holder, later < 0 ? items.length : later, value, quote(name) + colon);
}

/** Takes a member out of the object at `pointer`, or an element by its index out of the list there. */
export function removeItem(json: string, pointer: string, name: string | number): string {
  const holder = itemsAt(json, pointer);
  if (!holder) return json;
  const { open, close, items } = holder;
  const at = typeof name === 'number' ? name : items.findLastIndex((item) => item.name === name);
  const item = items[at];
  if (!item) return json;
  if (items.length === 1) return json.slice(0, open + 1) + json.slice(close);
  const [before, after] = [items[at - 1], items[at + 1]];
  if (before) return json.slice(0, before.end) + json.slice(item.end);
  return after ? json.slice(0, item.from) + json.slice(after.from) : json;
}

/** Puts an element into the list at `pointer`; `index` may be its length. */
export function insertElement(json: string, pointer: string, index: number, value: string): string {
  const holder = itemsAt(json, pointer);
  return holder ? insert(json, holder, Math.min(index, holder.items.length), value, '') : json;
}

/** Changes the place of an item. The spaces between the items stay where they are. */
export function moveItem(json: string, pointer: string, from: number, to: number): string {
  const items = itemsAt(json, pointer)?.items ?? [];
  const moved = items[from];
  if (!moved || !items[to] || from === to) return json;
  const order = items.toSpliced(from, 1).toSpliced(to, 0, moved);
  let text = json.slice(0, items[0]?.from);
  items.forEach((slot, at) => {
    const item = order[at] ?? slot;
    text += json.slice(item.from, item.end) + json.slice(slot.end, items[at + 1]?.from);
  });
  return text;
}

/** The spaces that lines of a value begin with because of what it stands in; empty where they have none in common. */
export function marginOf(value: string): string {
  const margin = /\n([ \t]+)[}\]]$/.exec(value)?.[1] ?? '';
  const lines = value.split('\n').slice(1);
  return lines.every((line) => line.startsWith(margin)) ? margin : '';
}

/** A value without its margin, to be read and edited by itself. */
export function withoutMargin(value: string): string {
  return value.replaceAll(`\n${marginOf(value)}`, '\n');
}

/** A value that was edited by itself, with the margin of the one it takes the place of. */
export function withMarginOf(before: string, value: string): string {
  const margin = marginOf(before);
  return margin === '' ? value : value.replaceAll('\n', `\n${margin}`);
}

interface Holder {
  open: number;
  close: number;
  items: Item[];
}

function insert(json: string, { open, close, items }: Holder, at: number, value: string, name: string): string {
  const [first, second] = items;
  if (!first) {
    const inner = lineOf(json, open);
    if (inner === null) return json.slice(0, open + 1) + name + compact(value) + json.slice(close);
    const indent = `${inner}  `;
    return `${json.slice(0, open + 1)}\n${indent}${name}${indented(value, indent)}\n${inner}${json.slice(close)}`;
  }
  const gap = second ? json.slice(first.end, second.from) : `,${json.slice(open + 1, first.from)}`;
  const text = name + (gap.includes('\n') ? indented(value, gap.slice(gap.lastIndexOf('\n') + 1)) : compact(value));
  const before = items[at];
  if (before) return json.slice(0, before.from) + text + gap + json.slice(before.from);
  const end = items.at(-1)?.end ?? open + 1;
  return json.slice(0, end) + gap + text + json.slice(end);
}

/** The spaces before the line that a place is on, where the text is laid out over lines. */
function lineOf(json: string, at: number): string | null {
  if (!json.includes('\n')) return null;
  return /^[ \t]*/.exec(json.slice(json.lastIndexOf('\n', at) + 1))?.[0] ?? '';
}

/** A string holds no line break as it is, so every one is between values. */
function indented(value: string, indent: string): string {
  return layOut(value).replaceAll('\n', `\n${indent}`);
}

/** A name as a step of a JSON pointer. */
function step(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
