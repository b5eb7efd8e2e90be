// What a card is made of. A card's entry in the table says which of these it shows; components draw them.
import type { ItemView } from './item-view';

export type Block =
  /** The text of a message as it streams, with its refusal and its citations. */
  | { view: 'message' }
  /** What the model thought. */
  | { view: 'reasoning' }
  /** A JSON value that is the whole answer. */
  | { view: 'value' }
  /** What a tool is given, as it streams; once it is whole, the string at the pointer is the same. */
  | { view: 'given'; pointer: string }
  /** A string of the item. `form` says whether words, code, a patch, or JSON that is to be laid out. */
  | { view: 'string'; pointer: string; form: 'words' | 'code' | 'diff' | 'json'; label?: string; tone?: 'bad' }
  /** A value that is no string, as it is spelled. */
  | { view: 'json'; pointer: string; label?: string }
  | { view: 'lines'; lines: readonly string[]; label?: string; mono?: boolean }
  | { view: 'facts'; rows: readonly (readonly [name: string, value: string])[] }
  | { view: 'links'; links: readonly Link[]; label?: string }
  /** An image at the pointer: base64, a `data:` address, or an address elsewhere, which is shown and not loaded. */
  | { view: 'image'; pointer: string; name: string }
  | { view: 'sound' }
  | { view: 'note'; text: string; tone: 'plain' | 'warn' | 'bad' };

export interface Link {
  title: string;
  address: string;
}

/** Facts that are there; each is named as the wire names it. */
export function facts(item: ItemView, names: Readonly<Record<string, string>>): Block[] {
  const rows = Object.entries(names).flatMap(([pointer, name]): [string, string][] => {
    const value = item.at(pointer);
    if (value === undefined || value === null || value === '') return [];
    return [[name, item.text(pointer) ?? item.json(pointer) ?? '']];
  });
  return rows.length === 0 ? [] : [{ view: 'facts', rows }];
}

/** A string, when there is one. */
export function string(
  item: ItemView,
  pointer: string,
  form: 'words' | 'code' | 'diff' | 'json',
  more: { label?: string; tone?: 'bad' } = {},
): Block[] {
  const value = item.at(pointer);
  return typeof value === 'string' && value !== '' ? [{ view: 'string', pointer, form, ...more }] : [];
}

export function lines(of: readonly string[], more: { label?: string; mono?: boolean } = {}): Block[] {
  return of.length === 0 ? [] : [{ view: 'lines', lines: of, ...more }];
}

export function links(of: readonly Link[], label?: string): Block[] {
  return of.length === 0 ? [] : [{ view: 'links', links: of, label }];
}

export function note(text: string | null, tone: 'plain' | 'warn' | 'bad' = 'plain'): Block[] {
  return text === null || text === '' ? [] : [{ view: 'note', text, tone }];
}

/** What a tool gave back: one string, or parts of several kinds. */
export function output(item: ItemView, pointer: string): Block[] {
  const value = item.at(pointer);
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return string(item, pointer, 'json');
  if (!Array.isArray(value)) return [{ view: 'json', pointer }];
  return item.each(pointer).flatMap((part): Block[] => {
    if (typeof item.at(`${part}/text`) === 'string') return string(item, `${part}/text`, 'code');
    if (typeof item.at(`${part}/image_url`) === 'string')
      return [{ view: 'image', pointer: `${part}/image_url`, name: 'Image' }];
    return [{ view: 'json', pointer: part }];
  });
}

/** What went wrong: words, or an object that holds them. */
export function failure(item: ItemView, pointer: string): Block[] {
  const value = item.at(pointer);
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return string(item, pointer, 'words', { label: 'Error', tone: 'bad' });
  const words = item.text(`${pointer}/message`);
  const code = item.text(`${pointer}/type`) ?? item.text(`${pointer}/code`);
  if (words !== null) return note([code, words].filter((part) => part !== null).join(': '), 'bad');
  return [{ view: 'json', pointer, label: 'Error' }];
}
