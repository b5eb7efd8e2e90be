// An output item as its card reads it: tolerant, because servers leave members out and send others.
import type { LongString } from '../../bindings/LongString';
import type { OutputItem } from '../../bindings/OutputItem';
import { sliceAt } from '../../lib/json-slice';

export class ItemView {
  readonly #value: unknown;

  constructor(readonly item: OutputItem) {
    this.#value = read(item.json);
  }

  /** What is at a JSON pointer; `undefined` when there is nothing. */
  at(pointer: string): unknown {
    let value = this.#value;
    for (const step of pointer.split('/').slice(1)) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = (value as Record<string, unknown>)[step];
    }
    return value;
  }

  /** The text at a pointer, a number or a yes or no in its words; `null` when there is none. */
  text(pointer: string): string | null {
    const value = this.at(pointer);
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? this.json(pointer) : null;
  }

  /** Pointers of the elements of a list. */
  each(pointer: string): string[] {
    const value = this.at(pointer);
    return Array.isArray(value) ? value.map((_, index) => `${pointer}/${index}`) : [];
  }

  /** The texts of a list, or the one text. */
  texts(pointer: string): string[] {
    const value = this.at(pointer);
    if (typeof value === 'string') return [value];
    return this.each(pointer).flatMap((one) => this.text(one) ?? []);
  }

  /** How the value is spelled. */
  json(pointer: string): string | null {
    return this.at(pointer) === undefined ? null : sliceAt(this.item.json, pointer);
  }

  /** The string at the pointer was too long to come along. */
  long(pointer: string): LongString | null {
    return this.item.long.find((known) => known.pointer === pointer) ?? null;
  }

  /** Length of the string at the pointer, also when it did not come along. */
  length(pointer: string): number {
    const value = this.at(pointer);
    return this.long(pointer)?.characters ?? (typeof value === 'string' ? value.length : 0);
  }
}

function read(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
