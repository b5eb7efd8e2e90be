/** What makes a request large: its members, and each message or item of it, to the byte. */
import { itemsAt, membersOf } from '../../lib/json-slice';
import { isJson } from '../../lib/json-text';

interface SizePart {
  /** `messages[2]`, `tools`; what stands between the parts has no name. */
  name: string;
  bytes: number;
  /** The start of what is there. */
  start: string;
}

const SHOWN = 120;
const encoder = new TextEncoder();
const bytesOf = (text: string): number => encoder.encode(text).length;

/** Largest first. The sum is the length of the body. */
export function sizeParts(body: string): SizePart[] {
  const parts: SizePart[] = [];
  const add = (name: string, json: string) => parts.push({ name, bytes: bytesOf(json), start: json.slice(0, SHOWN) });
  for (const { name, json } of membersOrNone(body)) {
    const items = json.startsWith('[') ? (itemsAt(json, '')?.items ?? []) : [];
    if (items.length < 2) add(name, json);
    else items.forEach(({ start, end }, index) => add(`${name}[${index}]`, json.slice(start, end)));
  }
  const rest = bytesOf(body) - parts.reduce((sum, part) => sum + part.bytes, 0);
  if (rest > 0)
    parts.push({ name: '', bytes: rest, start: parts.length > 0 ? 'Names, commas and braces' : body.slice(0, SHOWN) });
  return parts.sort((one, other) => other.bytes - one.bytes);
}

/** A body written by hand may be no object. */
function membersOrNone(body: string): { name: string; json: string }[] {
  return isJson(body) && body.trimStart().startsWith('{') ? membersOf(body) : [];
}
